/**
 * The client's metrics that are read off its status at every scrape.
 *
 * @module
 */
import type { Registry } from "../metrics/registry.ts";
import {
  registerSessionMetrics,
  registerTunnelInfo,
  type SessionNumbers,
} from "../metrics/session_metrics.ts";
import type { SessionSlot } from "./connection_manager.ts";
import type { ClientStatus } from "./status.ts";

/** Registers them. */
export function registerStatusMetrics(
  registry: Registry,
  status: ClientStatus,
): void {
  registerTunnelInfo(registry, () => status.tunnel);
  registerSessionMetrics(registry, {
    sessions: () => (status.manager?.sessions ?? []).map(numbersOf),
    reconnects: () => status.manager?.reconnects ?? 0,
  });
}

function numbersOf({ number, connection }: SessionSlot): SessionNumbers {
  const { bytesSent, bytesReceived, roundTripTime } = connection.stats;
  return {
    conn: String(number),
    bytesSent,
    bytesReceived,
    roundTripTime,
    streams: connection.openStreams,
  };
}
