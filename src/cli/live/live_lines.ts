/**
 * How a client is, as the lines below its log.
 *
 * @module
 */
import type { ClientSnapshot } from "../../client/state.ts";
import type { ClientState } from "../../client/state.ts";
import { visible } from "../../log/visible.ts";
import { formatDuration } from "../../config/values/duration.ts";

/** Green when tests may start, yellow when they may not. */
const COLOURS: Readonly<Record<ClientState, number>> = {
  starting: 33,
  ready: 32,
  reconnecting: 33,
  stopping: 33,
  stopped: 33,
};

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** A snapshot and when it was taken, in milliseconds since 1970. */
export interface Moment {
  readonly at: number;
  readonly client: ClientSnapshot;
}

/** Describes the client `now`; rates are those since `before`. */
export function liveLines(
  { at, client }: Moment,
  { before, page, colours }: {
    readonly before: Moment | undefined;
    /** Where the server's page is. */
    readonly page: string;
    readonly colours: boolean;
  },
): readonly string[] {
  const { state, tunnel, lastError, apiUrl } = client;
  const seconds = Math.max(Math.floor((at - client.since) / 1000), 0);
  const word = colours ? `\x1b[${COLOURS[state]}m${state}\x1b[m` : state;
  return [
    "",
    joined([
      `${word} for ${formatDuration(seconds * 1000)}`,
      tunnel && visible(`tunnel ${tunnel.name}`),
      tunnel && visible(`proxy ${tunnel.proxy}`),
    ]),
    joined(traffic({ at, client }, before)),
    ...lastError === undefined ? [] : [`last error: ${oneLine(lastError)}`],
    joined([`page ${page}/`, apiUrl && `status ${apiUrl}`]),
  ];
}

function traffic(
  { at, client }: Moment,
  before: Moment | undefined,
): (string | undefined)[] {
  const { sessions, roundTripTime: rtt, underWay } = client;
  const rate = (of: (client: ClientSnapshot) => number) => {
    if (before === undefined || at <= before.at) return 0;
    // A session that was replaced counts from nothing again.
    const more = Math.max(of(client) - of(before.client), 0);
    return more * 1000 / (at - before.at);
  };
  return [
    `${sessions} ${sessions === 1 ? "session" : "sessions"}`,
    rtt === undefined ? undefined : `round trip ${rtt.toFixed(1)} ms`,
    `${underWay} under way`,
    `${rate(({ answered }) => answered).toFixed(1)} requests/s`,
    `${size(rate(({ bytesReceived }) => bytesReceived))}/s in`,
    `${size(rate(({ bytesSent }) => bytesSent))}/s out`,
  ];
}

function size(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount.toFixed(unit === 0 ? 0 : 1)} ${UNITS[unit]}`;
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(" · ");
}

/** Nothing in an error may move the cursor. */
function oneLine(text: string): string {
  return visible(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " "));
}
