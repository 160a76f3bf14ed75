/**
 * How the client reaches the server, for REST calls and sessions alike: straight,
 * or through a proxy of its network.
 *
 * @module
 */
import { type Connect, createConnect } from "../net/connect.ts";
import { createDial } from "../net/dial.ts";
import { DialError } from "../net/dial_error.ts";
import type { Resolver } from "../net/resolver.ts";
import { connectThrough } from "../proxy/upstream_connect.ts";
import { UpstreamRefusal } from "../proxy/upstream_refusal.ts";
import type { ClientOptions } from "./options.ts";

/** Connects to the server. It throws `DialError` only. */
export function serverConnect(
  { caCerts = [], serverProxy }: Pick<ClientOptions, "caCerts" | "serverProxy">,
  resolve: Resolver,
): Connect {
  const dial = createDial({ resolve, attempts: 1 });
  if (serverProxy === undefined) return createConnect({ dial, caCerts });
  const connect = connectThrough(serverProxy, { dial, caCerts });
  return async function connectToServer(target, signal) {
    try {
      return await connect(target, signal);
    } catch (cause) {
      if (!(cause instanceof UpstreamRefusal)) throw cause;
      const { hostname, port } = serverProxy;
      throw new DialError(
        "failed",
        `Cannot connect to the server through the proxy "${hostname}:${port}": ` +
          `it answered with status ${cause.response.status}, see --proxy-server`,
        { cause },
      );
    }
  };
}
