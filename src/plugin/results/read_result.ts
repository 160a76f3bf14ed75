/*
 * Checks what hooks return. Plugins may be JavaScript, and types of TypeScript
 * are not checked when it runs. An unknown result is refused with the reason,
 * so that no change is silently ignored.
 */
import { formatAddress, isIpAddress } from "../../net/address/address.ts";
import {
  parseUpstreamProxy,
  type UpstreamProxy,
} from "../../net/address/upstream_proxy.ts";
import { isAuthority } from "../../http1/parse/request_target.ts";
import { isToken } from "../../http/tokens.ts";
import { isObject, valueKindOf } from "./value_kind.ts";
import type { ConnectOutcome } from "./outcomes.ts";

/** Addresses of one name. More are not worth trying. */
const MAX_ADDRESSES = 16;

/** Characters: enough for a sentence. The browser gets it. */
const MAX_REASON = 200;

/** Reads what `connect` returned. @throws {TypeError} With the reason. */
export function readConnect(returned: unknown): ConnectOutcome | undefined {
  const edit = readRecord(returned, ["refuse", "hostname", "port", "proxy"]);
  if (edit === undefined) return undefined;
  const { refuse, hostname, port, proxy } = edit;
  if (refuse !== undefined) {
    return { refuse: readText("refuse", refuse).slice(0, MAX_REASON) };
  }
  if (proxy !== undefined) readProxy(proxy);
  return {
    ...hostname !== undefined && { hostname: readHostname(hostname) },
    ...port !== undefined && { port: readPort(port) },
    ...typeof proxy === "string" && { proxy },
  };
}

/**
 * Reads the proxy that `connect` chose.
 *
 * @throws {TypeError} Without its text, which may have a password.
 */
export function readProxy(proxy: unknown): UpstreamProxy | "direct" {
  const text = readText("proxy", proxy);
  if (text === "direct") return text;
  try {
    const upstream = parseUpstreamProxy(text);
    // Without a protocol, "DIRECT" would be a host.
    const isUrl = text.includes("://") && isAuthority(formatAddress(upstream));
    if (isUrl) return upstream;
  } catch {
    // The caller gets one message for all of it.
  }
  throw new TypeError(
    '"proxy" is not valid, use "direct" or ' +
      "http|https|socks5://[user:password@]host:port",
  );
}

/** It may be written into a request line to an upstream proxy. */
function readHostname(hostname: unknown): string {
  const text = readText("hostname", hostname);
  if (isAuthority(formatAddress({ hostname: text, port: 1 }))) {
    return text.toLowerCase();
  }
  throw new TypeError(
    `"hostname" is ${JSON.stringify(text)}, use a name or an IP address`,
  );
}

/** Reads what `resolve` returned. @throws {TypeError} With the reason. */
export function readResolve(
  returned: unknown,
): readonly string[] | undefined {
  if (returned === undefined) return undefined;
  if (!Array.isArray(returned)) {
    throw new TypeError(
      `it returned ${valueKindOf(returned)}, return a list of IP addresses`,
    );
  }
  return returned.slice(0, MAX_ADDRESSES).map((address) => {
    if (typeof address === "string" && isIpAddress(address)) return address;
    throw new TypeError(
      `it returned ${JSON.stringify(address)}, which is not an IP address`,
    );
  });
}

/** Checks a method. @throws {TypeError} With the reason. */
export function checkedMethod(method: unknown): string {
  const text = readText("method", method);
  if (isToken(text) && text !== "CONNECT") return text;
  throw new TypeError(
    `"method" is ${JSON.stringify(text)}, which is not a valid method`,
  );
}

/** Checks the target of a request. @throws {TypeError} With the reason. */
export function checkedUrl(url: unknown, base?: string): URL {
  const text = url instanceof URL ? url.href : readText("url", url);
  const target = URL.parse(text, base);
  if (target === null) {
    throw new TypeError(
      `"url" is ${JSON.stringify(text)}, which is not a valid URL`,
    );
  }
  if (target.protocol !== "http:" && target.protocol !== "https:") {
    throw new TypeError(`"url" is ${target.protocol}, use http: or https:`);
  }
  if (target.username === "" && target.password === "") return target;
  throw new TypeError(
    '"url" has a user or a password, set the header "Authorization"',
  );
}

/** Checks a new status. @throws {TypeError} With the reason. */
export function checkedStatus(status: unknown): number {
  if (typeof status === "number" && Number.isInteger(status)) {
    if (status >= 200 && status <= 599) return status;
  }
  throw new TypeError(`"status" is ${String(status)}, use 200 to 599`);
}

function readRecord(
  returned: unknown,
  keys: readonly string[],
): Readonly<Record<PropertyKey, unknown>> | undefined {
  if (returned === undefined || returned === null) return undefined;
  if (!isObject(returned)) {
    throw new TypeError(
      `it returned ${valueKindOf(returned)}, return { ${keys.join(", ")} }`,
    );
  }
  for (const key of Object.keys(returned)) {
    if (keys.includes(key)) continue;
    throw new TypeError(
      `it returned "${key}", which is none of ${keys.join(", ")}`,
    );
  }
  return returned;
}

function readText(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new TypeError(
    `"${name}" is ${
      value === "" ? "empty" : valueKindOf(value)
    }, use a non-empty string`,
  );
}

function readPort(port: unknown): number {
  if (typeof port === "number" && Number.isInteger(port)) {
    if (port > 0 && port < 65_536) return port;
  }
  throw new TypeError(`"port" is ${String(port)}, use 1 to 65535`);
}
