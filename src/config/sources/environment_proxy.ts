/**
 * The proxy that the environment names, for `--proxy-server env`.
 *
 * Nothing else looks at these variables: a program that is started in a shell
 * with a proxy must not send anything through it unasked.
 *
 * @module
 */
import {
  parseUpstreamProxy,
  type UpstreamProxy,
} from "../../net/address/upstream_proxy.ts";
import type { Environment } from "./environment.ts";
import { ConfigError } from "../errors.ts";

/** A proxy, and the hosts that are reached past it. */
export interface EnvironmentProxy {
  /** `undefined` when the environment names none. */
  readonly proxy: UpstreamProxy | undefined;
  /** What `NO_PROXY` says. */
  readonly except: string;
}

/** Reads `HTTPS_PROXY` and `NO_PROXY`, or, stronger, their names in small letters. @throws {ConfigError} */
export function environmentProxy(environment: Environment): EnvironmentProxy {
  const read = (name: string) => environment(name) || undefined;
  const [name, value] = (["https_proxy", "HTTPS_PROXY"] as const)
    .map((each) => [each, read(each)] as const)
    .find(([, text]) => text !== undefined) ?? [];
  return {
    proxy: value === undefined ? undefined : parse(name, value),
    except: read("no_proxy") ?? read("NO_PROXY") ?? "",
  };
}

function parse(name: string | undefined, value: string): UpstreamProxy {
  try {
    return parseUpstreamProxy(value);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    // The value may hold a password.
    throw new ConfigError(
      "badValue",
      `Cannot use ${name} for --proxy-server env: ` +
        "expected [http|https|socks5://][user:password@]host:port",
      { cause },
    );
  }
}
