/** Opens one session: dials the tunnel server, requests the Upgrade, serves. */
import { randomBytes } from "node:crypto";
import type { Http2Connection } from "../../http2/api.ts";
import type { Handler } from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import type { Connect } from "../../net/dial/connect.ts";
import type { Signs, SilenceLimits } from "../../tunnel/silence.ts";
import { serveSession } from "../../tunnel/serve_session.ts";
import { requestUpgrade, type TransportChoice } from "../../tunnel/upgrade.ts";
import { Transports } from "./transport.ts";

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
  /** How long the server may take for the Upgrade, in milliseconds. */
  readonly upgradeTimeout: number;
  /** How the bytes pass the network. Default `auto`. */
  readonly transport?: TransportChoice | undefined;
  /** When the session is checked and given up. */
  readonly silence?: SilenceLimits | undefined;
}

const log = logger("proxy");

/** Gives ids for log lines: `1-f1c61ee0`, `2-f1c61ee0` …; the second part is that of the run. */
export function exchangeIds(): () => string {
  const run = randomBytes(4).toString("hex");
  let count = 0;
  return () => `${++count}-${run}`;
}

/**
 * Opens a session.
 *
 * @param others Gives the sessions of the tunnel, this one perhaps among them.
 */
export type OpenSession = (
  signal: AbortSignal,
  others: () => Iterable<Signs>,
) => Promise<Http2Connection>;

/** Makes the function that opens the sessions of one tunnel. */
export function sessionOpener(
  options: SessionOpenerOptions,
): OpenSession {
  const { address, tunnelId, token, handler, exchangeId, silence } = options;
  const { transport: choice = "auto", upgradeTimeout: timeout } = options;
  const transports = new Transports({
    ...{ choice, timeout },
    async open(transport, signal) {
      const conn = await options.connect({ ...address, secure: true }, signal);
      return await requestUpgrade(conn, {
        authority: formatAddress(address),
        ...{ timeout, tunnelId, token, transport, signal },
      });
    },
  });
  return async function openSession(signal, others) {
    const stream = await transports.open(signal);
    return serveSession(stream, {
      handler,
      exchangeId,
      maxConcurrentStreams: options.maxConcurrentStreams,
      silence,
      others,
      onError: (cause, id) =>
        log.debug("request ended early", { id, cause: String(cause) }),
    });
  };
}
