/**
 * Connects to the server for REST calls and sessions: directly, or through a
 * proxy of the client's network.
 */
import { type Connect, createConnect } from "../../net/dial/connect.ts";
import { createDial, type Dial } from "../../net/dial/dial.ts";
import { DialError } from "../../net/dial_error.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import { parseProxyExceptions } from "../../net/address/proxy_exceptions.ts";
import type { Resolver } from "../../net/names/resolver.ts";
import { connectThrough } from "../../proxy/upstream/upstream_connect.ts";
import { upstreamError } from "../../proxy/upstream/upstream_error.ts";
import { UpstreamRefusal } from "../../proxy/upstream/upstream_refusal.ts";
import type { ClientOptions } from "../options.ts";

const OPTION = "--proxy-server";

/**
 * How long each step to the server may take, in milliseconds: TCP, a proxy's
 * response, TLS, the Upgrade. A network that comes back is found soon after.
 */
export const SERVER_DIAL_TIMEOUT = 5_000;

/** The options that matter here. */
type ServerConnectOptions =
  & Pick<
    ClientOptions,
    | "caCerts"
    | "caFiles"
    | "serverPins"
    | "serverDialTimeout"
    | "serverProxy"
    | "serverProxyExcept"
  >
  & Partial<Pick<ClientOptions, "server">>;

/**
 * Makes the `Connect` to the server. It throws only `DialError`, whose message
 * says who failed and what to do.
 *
 * @param onAddress Gets our own address of each connection.
 */
export function serverConnect(
  options: ServerConnectOptions,
  resolve: Resolver,
  onAddress?: (ip: string) => void,
): Connect {
  const connect = routeTo(options, resolve, onAddress);
  return async function connectToServer(target, signal) {
    try {
      return await connect(target, signal);
    } catch (cause) {
      throw cause instanceof DialError
        ? withRemedy(cause, target, options.server)
        : cause;
    }
  };
}

function routeTo(
  {
    caCerts = [],
    caFiles,
    serverPins: pins,
    serverProxy,
    serverProxyExcept = "",
    serverDialTimeout: timeout = SERVER_DIAL_TIMEOUT,
  }: ServerConnectOptions,
  resolve: Resolver,
  onAddress?: (ip: string) => void,
): Connect {
  const open = createDial({ resolve, attempts: 1, timeout });
  const dial: Dial = async (...args) => {
    const conn = await open(...args);
    onAddress?.(conn.localAddr.hostname);
    return conn;
  };
  const shared = {
    dial,
    caCerts,
    caFiles,
    pins,
    owner: "server",
    handshakeTimeout: timeout,
    connectTimeout: timeout,
  } as const;
  const direct = createConnect(shared);
  if (serverProxy === undefined) return direct;
  const through = connectThrough(serverProxy, { ...shared, option: OPTION });
  const isExcepted = parseProxyExceptions(serverProxyExcept);
  return async function connectByProxy(target, signal) {
    if (isExcepted(target)) return await direct(target, signal);
    try {
      return await through(target, signal);
    } catch (cause) {
      if (!(cause instanceof UpstreamRefusal)) throw cause;
      const detail = `responded with status ${cause.response.status}`;
      throw upstreamError("failed", { proxy: serverProxy, option: OPTION }, {
        ...{ target: formatAddress(target), detail, cause },
      });
    }
  };
}

/** The same error with what to do, where its message does not say it already. */
function withRemedy(
  error: DialError,
  target: Address,
  server: string | undefined,
): DialError {
  const { code, message, isOfProxy } = error;
  if (isOfProxy || code === "certificate" || code === "aborted") return error;
  const remedy = code === "nameServerFailed"
    ? "check --dns-server"
    : server === undefined || new URL(server).origin === originOf(target)
    ? "check --server"
    : "which is the tunnel port of the server: let firewalls pass it, and " +
      "check the server options --external-host and --tunnel-address";
  return new DialError(code, `${message}, ${remedy}`, {
    why: error.why,
    cause: error.cause,
  });
}

function originOf(target: Address): string {
  return new URL(`https://${formatAddress(target)}`).origin;
}
