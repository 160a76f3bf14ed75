/**
 * Counts the connections that somebody opens, and their ends.
 *
 * @module
 */
import type { ConnectionMetrics } from "../../metrics/connection_metrics.ts";
import { formatAddress } from "../address/address.ts";
import type { ByteStream } from "../stream/byte_stream.ts";
import type { Connect } from "./connect.ts";

/** `connect`, whose connections are counted. Bytes pass as before: only `close` of a connection is another. */
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
      return onClose(stream, () => metrics.closed(hostname));
    } catch (cause) {
      metrics.failed(hostname);
      throw cause;
    }
  };
}

/** The socket itself stays what it is, because it may be looked at for what it can do. */
function onClose(stream: ByteStream, told: () => void): ByteStream {
  const close = stream.close.bind(stream);
  let isOpen = true;
  return Object.assign(stream, {
    close(): void {
      if (isOpen) told();
      isOpen = false;
      close();
    },
  });
}
