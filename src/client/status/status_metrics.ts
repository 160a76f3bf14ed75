/**
 * The client's metrics that are read off its status at every scrape.
 */
import type { Registry } from "../../metrics/registry.ts";
import {
  registerHeartbeats,
  registerSessionMetrics,
  registerTunnelInfo,
  type SessionNumbers,
} from "../../metrics/session_metrics.ts";
import type { SessionSlot } from "../sessions/connection_manager.ts";
import type { ClientStatus } from "./status.ts";

const NONE: ReadonlyMap<string, number> = new Map();

/** Registers them. */
export function registerStatusMetrics(
  registry: Registry,
  status: ClientStatus,
): void {
  registerTunnelInfo(registry, () => status.tunnel);
  registerHeartbeats(registry, status.heartbeats);
  registerSessionMetrics(registry, {
    sessions: () => (status.manager?.sessions ?? []).map(numbersOf),
    reconnects: () => status.manager?.reconnectReasons ?? NONE,
    failures: () => status.manager?.failureTypes ?? NONE,
  });
}

function numbersOf({ number, connection }: SessionSlot): SessionNumbers {
  const { bytesSent, bytesReceived, roundTripTime, writesHeldBack } =
    connection.stats;
  return {
    conn: String(number),
    bytesSent,
    bytesReceived,
    roundTripTime,
    windowStalls: writesHeldBack,
    streams: connection.openStreams,
  };
}
