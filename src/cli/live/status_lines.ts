import type { ClientSnapshot, ClientState } from "../../client/state.ts";
import { visible } from "../../log/visible.ts";
import { durationText } from "../../config/values/units.ts";

/** Green if tests may start, otherwise yellow. */
const COLOURS: Readonly<Record<ClientState, number>> = {
  starting: 33,
  ready: 32,
  reconnecting: 33,
  stopping: 33,
  stopped: 33,
};

/** How long an error is shown after the client has recovered, in milliseconds. */
const ERROR_SHOWN_FOR = 30_000;

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** A snapshot, and its time in milliseconds since 1970. */
export interface TimedSnapshot {
  readonly at: number;
  readonly client: ClientSnapshot;
}

/** The status of a client as lines below its log. Rates are averages since `before`. */
export function statusLines(
  { at, client }: TimedSnapshot,
  { before, page, colours }: {
    readonly before: TimedSnapshot | undefined;
    /** The URL of the server's page. */
    readonly page: string;
    readonly colours: boolean;
  },
): readonly string[] {
  const { state, tunnel, apiUrl } = client;
  const seconds = Math.max(Math.floor((at - client.since) / 1000), 0);
  const word = colours ? `\x1b[${COLOURS[state]}m${state}\x1b[m` : state;
  return [
    "",
    joined([
      `${word} for ${durationText(seconds * 1000)}`,
      tunnel && visible(`tunnel ${tunnel.name}`),
      tunnel && visible(`proxy ${tunnel.proxy}`),
    ]),
    joined(traffic({ at, client }, before)),
    ...pluginLines(client),
    ...errorLine({ at, client }),
    joined([`page ${page}/`, apiUrl && `status ${apiUrl}`]),
  ];
}

function traffic(
  { at, client }: TimedSnapshot,
  before: TimedSnapshot | undefined,
): (string | undefined)[] {
  const { sessions, roundTripTime: rtt, underWay } = client;
  const rate = (of: (client: ClientSnapshot) => number) => {
    if (before === undefined || at <= before.at) return 0;
    // A replacement session counts from zero.
    const more = Math.max(of(client) - of(before.client), 0);
    return more * 1000 / (at - before.at);
  };
  return [
    `${sessions} ${sessions === 1 ? "session" : "sessions"}`,
    rtt === undefined ? undefined : `round trip ${rtt.toFixed(1)} ms`,
    `${underWay} running`,
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

function joined(services: readonly (string | undefined)[]): string {
  return services.filter((part) => part !== undefined).join(" · ");
}

/** The last error and its age, until some time after the client has recovered. */
function errorLine({ at, client }: TimedSnapshot): readonly string[] {
  const { state, since, lastError } = client;
  if (lastError === undefined) return [];
  const recoveredAt = Math.max(since, lastError.at);
  if (state === "ready" && at - recoveredAt >= ERROR_SHOWN_FOR) return [];
  const seconds = Math.max(Math.floor((at - lastError.at) / 1000), 0);
  const age = durationText(seconds * 1000);
  return [`last error ${age} ago: ${oneLine(lastError.text)}`];
}

/** Failing plugins that have a line. The page shows all. */
const MAX_PLUGINS = 3;

function pluginLines({ failingPlugins }: ClientSnapshot): readonly string[] {
  const lines = failingPlugins.slice(0, MAX_PLUGINS).map(
    ({ plugin, reason, count, onFailure }) => {
      const effect = onFailure === "skip" ? "is skipped" : "fails requests";
      const times = `${count} ${count === 1 ? "failure" : "failures"}`;
      return oneLine(`plugin ${plugin} ${effect} (${times}): ${reason}`);
    },
  );
  const more = failingPlugins.length - lines.length;
  if (more === 0) return lines;
  return [
    ...lines,
    `${more} more ${more === 1 ? "plugin fails" : "plugins fail"}`,
  ];
}

/** An error as one line that cannot move the cursor. */
function oneLine(text: string): string {
  return visible(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " "));
}
