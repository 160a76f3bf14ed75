/**
 * The client's proxy as a port of this machine, to see with curl what browsers
 * would get: the same rules, plugins and routes, without the tunnel.
 */
import type { Handler } from "../../http/exchange.ts";
import { startHttpServer } from "../../http_server/http_server.ts";
import { errorPage } from "../../proxy/errors/error_page.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { limitForwards } from "../../proxy/max_forwards.ts";
import { logger } from "../../log/log.ts";
import type { Acceptor } from "../../net/listen/acceptor.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import type { ConnectionLimits } from "../../net/listen/connection_limits.ts";
import { listenTcp } from "../../net/listen/listen.ts";

const log = logger("proxy");

/** How long requests may still run when the client ends, in milliseconds. */
const SHUTDOWN_TIMEOUT = 1_000;

/**
 * Opens the port.
 *
 * @param address A loopback address: the port needs no credentials.
 * @param limits Of all ports of the client. Default: some of its own.
 * @throws {ListenError} When the address is taken or not allowed.
 */
export function startDebugProxy(
  address: Address,
  handler: Handler,
  limits?: ConnectionLimits,
): Acceptor {
  let last = 0;
  const refusing = refuseOriginForm(limitForwards(handler));
  const acceptor = startHttpServer(listenTcp(address), {
    port: "debug",
    limits,
    shutdownTimeout: SHUTDOWN_TIMEOUT,
    exchangeId: () => `debug-${++last}`,
    handlerOf: (conn) => ({
      handler(request, context) {
        // The port needs no login.
        conn.admit();
        return refusing(request, context);
      },
    }),
    onError: (cause) =>
      log.debug("connection failed", { cause: String(cause) }),
  });
  log.info("debug proxy listen", { address: formatAddress(acceptor.address) });
  return acceptor;
}

/**
 * Refuses requests in origin form. They name this port as the site, and would
 * loop until no connections are left.
 */
function refuseOriginForm(handler: Handler): Handler {
  return async function refusing(request, context) {
    const isRefused = request.kind !== "connect" &&
      request.isOriginForm === true;
    if (!isRefused) return await handler(request, context);
    const error = new ProxyError("originForm", request.authority);
    log.info("request failed", {
      id: context.id,
      reason: error.reason,
      error: error.message,
    });
    return errorPage(error, "sallyport client");
  };
}
