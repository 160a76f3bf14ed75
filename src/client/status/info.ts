/**
 * What `/info` says: the four fields that Sauce Connect 5 has, and how the
 * sessions are.
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import type { SessionSlot } from "../sessions/connection_manager.ts";
import type { ClientState, FailingPlugin } from "../state.ts";
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
  /** Whether the server's REST API takes heartbeats. */
  readonly heartbeats: HeartbeatInfo;
  readonly connections: readonly ConnectionInfo[];
  /** Names of the plugins in use, in order. */
  readonly plugins: readonly string[];
  /** Plugins that fail, or did so a moment ago. */
  readonly failing_plugins: readonly FailingPluginInfo[];
  /** Rules for hosts by the name of their option; only those that were given. */
  readonly rules: Readonly<Record<string, readonly string[]>>;
}

/** Heartbeats in `/info`. The tunnel goes on without them. */
export interface HeartbeatInfo {
  /** How many have failed since the start. */
  readonly failures: number;
  /** Since when they fail, as RFC 3339 says it; `null` while they succeed. */
  readonly failing_since: string | null;
  /** What the last one failed with; `null` while they succeed. */
  readonly error: string | null;
}

/** A plugin in `/info` that fails, or did so a moment ago. */
export interface FailingPluginInfo {
  readonly plugin: string;
  /** The call that failed. */
  readonly hook: string;
  /** What the last call failed with. */
  readonly error: string;
  /** Since when it fails, as RFC 3339 says it. */
  readonly failing_since: string;
  /** How many calls have failed since then. */
  readonly failures: number;
  /** What happens to the requests: they fail, or pass without the plugin. */
  readonly on_failure: "fail" | "skip";
}

/** What the client knows of itself besides its status. */
export interface ClientFacts {
  /** Asked every time: plugins come and go. */
  readonly plugins?: () => readonly string[];
  /** Asked every time. */
  readonly failingPlugins?: () => readonly FailingPlugin[];
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
  { plugins = () => [], failingPlugins = () => [], rules = {} }: ClientFacts =
    {},
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
    heartbeats: heartbeatInfo(status),
    connections: (manager?.sessions ?? []).map((slot) =>
      connectionInfo(slot, tunnel?.server ?? "")
    ),
    plugins: plugins(),
    failing_plugins: failingPlugins().map(failingPluginInfo),
    rules: Object.fromEntries(
      Object.entries(rules).flatMap(([name, list = []]) =>
        list.length === 0 ? [] : [[name, list]]
      ),
    ),
  };
}

function heartbeatInfo({ heartbeats }: ClientStatus): HeartbeatInfo {
  const { failures, failure } = heartbeats;
  return {
    failures,
    failing_since: failure === undefined
      ? null
      : new Date(failure.since).toISOString(),
    error: failure?.cause ?? null,
  };
}

function failingPluginInfo(
  { plugin, hook, reason, since, count, onFailure }: FailingPlugin,
): FailingPluginInfo {
  return {
    plugin,
    hook,
    error: reason,
    failing_since: new Date(since).toISOString(),
    failures: count,
    on_failure: onFailure,
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
