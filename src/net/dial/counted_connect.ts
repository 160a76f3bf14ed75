import type { ConnectionMetrics } from "../../metrics/connection_metrics.ts";
import { formatAddress } from "../address/address.ts";
import { withCloseHook } from "../stream/close_hook.ts";
import type { Connect } from "./connect.ts";

/** `connect`, with metrics of its connections: attempts, failures and ends. */
export function countedConnect(
  connect: Connect,
  metrics: ConnectionMetrics,
): Connect {
  return async function connectAndCount(target, signal, exchangeId) {
    const { hostname } = target;
    const startedAt = performance.now();
    try {
      const stream = await connect(target, signal, exchangeId);
      metrics.opened(hostname, {
        address: formatAddress(target),
        seconds: (performance.now() - startedAt) / 1000,
      });
      return withCloseHook(stream, () => metrics.closed(hostname));
    } catch (cause) {
      metrics.failed(hostname);
      throw cause;
    }
  };
}
