/**
 * What `/info` says: the four fields that Sauce Connect 5 has, and how the
 * sessions are.
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import type { SessionSlot } from "../sessions/connection_manager.ts";
import type { ClientState } from "../state.ts";
import type { ClientStatus } from "./status.ts";

/** The JSON of `/info`. */
export interface ClientInfo {
  /** 32 hexadecimal digits; empty before the tunnel was created. */
  readonly tunnel_id: string;
  readonly tunnel_name: string;
  /** `host:port` of the tunnel server. */
  readonly tunnel_server: string;
  readonly tunnel_host: string;
  /** `host:port` of the proxy for browsers. */
  readonly proxy: string;
  /** `host:port` of the one of this tunnel alone, where browsers need no credentials. */
  readonly dedicated_proxy: string | null;
  readonly state: ClientState;
  /** Since when, as RFC 3339 says it. */
  readonly state_since: string;
  readonly started: string;
  /** Lost sessions that were replaced. */
  readonly reconnects: number;
  /** What the last failure of a session was. */
  readonly last_error: string | null;
  readonly connections: readonly ConnectionInfo[];
  /** Names of the plugins in use, in order. */
  readonly plugins: readonly string[];
  /** Rules for hosts by the name of their option; only those that were given. */
  readonly rules: Readonly<Record<string, readonly string[]>>;
}

/** What the client knows of itself besides its status. */
export interface ClientFacts {
  /** Asked every time: plugins come and go. */
  readonly plugins?: () => readonly string[];
  readonly rules?: Readonly<Record<string, readonly string[] | undefined>>;
}

/** One session in `/info`. */
export interface ConnectionInfo {
  readonly connection: number;
  /** The tunnel server, as `host:port`. */
  readonly remote: string;
  readonly since: string;
  /** Requests in progress. */
  readonly streams: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
  /** Writes that waited because the server's windows were used up. */
  readonly window_stalls: number;
  /** Milliseconds; `null` before the first measurement. */
  readonly round_trip_time: number | null;
}

/** Says how a client is. */
export function infoOf(
  status: ClientStatus,
  { plugins = () => [], rules = {} }: ClientFacts = {},
): ClientInfo {
  const { tunnel, manager } = status;
  return {
    tunnel_id: tunnel?.id ?? "",
    tunnel_name: tunnel?.name ?? "",
    tunnel_server: tunnel?.server ?? "",
    tunnel_host: tunnel?.host ?? "",
    proxy: tunnel?.proxy ?? "",
    dedicated_proxy: tunnel?.dedicatedProxy ?? null,
    state: status.state,
    state_since: new Date(status.changedAt).toISOString(),
    started: new Date(status.startedAt).toISOString(),
    reconnects: manager?.reconnects ?? 0,
    last_error: manager?.lastError ?? null,
    connections: (manager?.sessions ?? []).map((slot) =>
      connectionInfo(slot, tunnel?.server ?? "")
    ),
    plugins: plugins(),
    rules: Object.fromEntries(
      Object.entries(rules).flatMap(([name, list = []]) =>
        list.length === 0 ? [] : [[name, list]]
      ),
    ),
  };
}

function connectionInfo(
  { number, openedAt, connection }: SessionSlot,
  remote: string,
): ConnectionInfo {
  const { bytesSent, bytesReceived, roundTripTime, writesHeldBack } =
    connection.stats;
  return {
    connection: number,
    remote,
    since: new Date(openedAt).toISOString(),
    streams: connection.openStreams,
    bytes_sent: bytesSent,
    bytes_received: bytesReceived,
    window_stalls: writesHeldBack,
    round_trip_time: roundTripTime ?? null,
  };
}
