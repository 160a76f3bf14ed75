/**
 * Requests for the tests of the proxy's decisions.
 *
 * @module
 */
import type {
  ConnectRequest,
  ExchangeContext,
  PlainRequest,
  UpgradeRequest,
} from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";

/** A GET for `/` of `authority`. */
export function get(
  authority = "a.test",
  scheme: "http" | "https" = "http",
): PlainRequest {
  return {
    kind: "request",
    method: "GET",
    authority,
    scheme,
    path: "/",
    fields: new Fields(),
    body: undefined,
  };
}

/** A WebSocket to `/` of `authority`. */
export function upgrade(
  authority = "a.test",
  scheme: "http" | "https" = "http",
): UpgradeRequest {
  return {
    kind: "upgrade",
    method: "GET",
    authority,
    scheme,
    path: "/",
    protocol: "websocket",
    fields: new Fields(),
  };
}

/** A CONNECT to `authority`. */
export function connect(authority = "a.test:443"): ConnectRequest {
  return {
    kind: "connect",
    method: "CONNECT",
    authority,
    fields: new Fields(),
  };
}

/** What surrounds an exchange that nobody gives up, unless `signal` says so. */
export function contextOf(
  signal: AbortSignal = new AbortController().signal,
): ExchangeContext {
  return { id: "1-1", signal, inform() {} };
}
