/** Opens one session: dials the tunnel server, requests the Upgrade, serves. */
import { randomBytes } from "node:crypto";
import type { Http2Connection } from "../../http2/api.ts";
import type { Handler } from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import type { Connect } from "../../net/dial/connect.ts";
import { serveSession } from "../../tunnel/serve_session.ts";
import { requestUpgrade } from "../../tunnel/upgrade.ts";

/** Options of {@linkcode sessionOpener}. */
export interface SessionOpenerOptions {
  readonly address: Address;
  readonly tunnelId: string;
  readonly token: string;
  readonly connect: Connect;
  readonly handler: Handler;
  readonly exchangeId: () => string;
  /** Requests that may run on the session at once. */
  readonly maxConcurrentStreams: number;
}

const log = logger("proxy");

/** Gives ids for log lines: `1-f1c61ee0`, `2-f1c61ee0` …; the second part is that of the run. */
export function exchangeIds(): () => string {
  const run = randomBytes(4).toString("hex");
  let count = 0;
  return () => `${++count}-${run}`;
}

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
        log.debug("request ended early", { id, cause: String(cause) }),
    });
  };
}
