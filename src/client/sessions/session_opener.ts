/**
 * Opens one session: dials the tunnel server, asks for the Upgrade, serves.
 *
 * @module
 */
import type { Http2Connection } from "../../http2/api.ts";
import type { Handler } from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import type { Connect } from "../../net/dial/connect.ts";
import { serveSession } from "../../tunnel/serve_session.ts";
import { requestUpgrade } from "../../tunnel/upgrade.ts";

/** What a session is opened with. */
export interface SessionOpenerOptions {
  readonly address: Address;
  readonly tunnelId: string;
  readonly token: string;
  readonly connect: Connect;
  readonly handler: Handler;
  readonly exchangeId: () => string;
  /** Exchanges that may run on the session at once. */
  readonly maxConcurrentStreams: number;
}

const log = logger("proxy");

/** Makes the function that opens the sessions of one tunnel. */
export function sessionOpener(
  options: SessionOpenerOptions,
): (signal: AbortSignal) => Promise<Http2Connection> {
  const { address, tunnelId, token, handler, exchangeId } = options;
  return async function openSession(signal) {
    const conn = await options.connect({ ...address, secure: true }, signal);
    const stream = await requestUpgrade(conn, {
      authority: formatAddress(address),
      tunnelId,
      token,
      signal,
    });
    return serveSession(stream, {
      handler,
      exchangeId,
      maxConcurrentStreams: options.maxConcurrentStreams,
      onError: (cause, id) =>
        log.debug("exchange ended early", { id, cause: String(cause) }),
    });
  };
}
