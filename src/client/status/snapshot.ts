/**
 * How a client is at this moment, in a few numbers for people.
 *
 * @module
 */
import type { ClientState, ClientStatus, TunnelInfo } from "./status.ts";

/** A client at one moment. */
export interface ClientSnapshot {
  /** The state that it is in. */
  readonly state: ClientState;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** The tunnel, once there is one. */
  readonly tunnel: TunnelInfo | undefined;
  /** Address of the status API, if there is one. */
  readonly apiUrl: string | undefined;
  /** Sessions that are open. */
  readonly sessions: number;
  /** The middle one of their round trips in milliseconds; `undefined` before the first is measured. */
  readonly roundTripTime: number | undefined;
  /** Exchanges under way. */
  readonly underWay: number;
  /** Exchanges that were answered since the start. */
  readonly answered: number;
  /** Bytes sent to the server on the sessions that are open. */
  readonly bytesSent: number;
  /** Bytes received from it on them. */
  readonly bytesReceived: number;
  /** What the last failure of a session was, if there was one. */
  readonly lastError: string | undefined;
}

/** Takes one. */
export function snapshotOf(
  status: ClientStatus,
  { answered, apiUrl }: Pick<ClientSnapshot, "answered" | "apiUrl">,
): ClientSnapshot {
  const connections = (status.manager?.sessions ?? []).map(
    ({ connection }) => connection,
  );
  const total = (of: (connection: (typeof connections)[number]) => number) =>
    connections.reduce((sum, each) => sum + of(each), 0);
  return {
    state: status.state,
    since: status.changedAt,
    tunnel: status.tunnel,
    apiUrl,
    sessions: connections.length,
    roundTripTime: middle(
      connections.map(({ stats }) => stats.roundTripTime)
        .filter((time) => time !== undefined),
    ),
    underWay: total(({ openStreams }) => openStreams),
    answered,
    bytesSent: total(({ stats }) => stats.bytesSent),
    bytesReceived: total(({ stats }) => stats.bytesReceived),
    lastError: status.manager?.lastError,
  };
}

function middle(numbers: readonly number[]): number | undefined {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
