/**
 * Connects to the server for REST calls and sessions: directly, or through a
 * proxy of the client's network.
 */
import { type Connect, createConnect } from "../../net/dial/connect.ts";
import { createDial } from "../../net/dial/dial.ts";
import { DialError } from "../../net/dial_error.ts";
import { parseProxyExceptions } from "../../net/address/proxy_exceptions.ts";
import type { Resolver } from "../../net/names/resolver.ts";
import { connectThrough } from "../../proxy/upstream/upstream_connect.ts";
import { UpstreamRefusal } from "../../proxy/upstream/upstream_refusal.ts";
import type { ClientOptions } from "../options.ts";

/**
 * How long each step to the server may take, in milliseconds: TCP, a proxy's
 * response, TLS, the Upgrade. A network that comes back is found soon after.
 */
export const SERVER_DIAL_TIMEOUT = 5_000;

/** Makes the `Connect` to the server. It throws only `DialError`. */
export function serverConnect(
  {
    caCerts = [],
    serverProxy,
    serverProxyExcept = "",
    serverDialTimeout: timeout = SERVER_DIAL_TIMEOUT,
  }: Pick<
    ClientOptions,
    "caCerts" | "serverProxy" | "serverProxyExcept" | "serverDialTimeout"
  >,
  resolve: Resolver,
): Connect {
  const dial = createDial({ resolve, attempts: 1, timeout });
  const limits = { handshakeTimeout: timeout, connectTimeout: timeout };
  const direct = createConnect({ dial, caCerts, ...limits });
  if (serverProxy === undefined) return direct;
  const through = connectThrough(serverProxy, { dial, caCerts, ...limits });
  const isExcepted = parseProxyExceptions(serverProxyExcept);
  return async function connectToServer(target, signal) {
    if (isExcepted(target)) return await direct(target, signal);
    try {
      return await through(target, signal);
    } catch (cause) {
      if (!(cause instanceof UpstreamRefusal)) throw cause;
      const { hostname, port } = serverProxy;
      throw new DialError(
        "failed",
        `Cannot connect to the server through the proxy "${hostname}:${port}": ` +
          `it responded with status ${cause.response.status}, see --proxy-server`,
        { cause },
      );
    }
  };
}
