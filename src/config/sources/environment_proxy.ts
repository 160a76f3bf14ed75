// The proxy of the environment, for `--proxy-server env`.
//
// Nothing else reads these variables: a program that is started in a shell with
// a proxy must not use it without being configured to.
import {
  parseUpstreamProxy,
  type UpstreamProxy,
} from "../../net/address/upstream_proxy.ts";
import type { Environment } from "./environment.ts";
import { ConfigError } from "../errors.ts";

/** A proxy, and the hosts that do not use it. */
export interface EnvironmentProxy {
  /** `undefined` if the environment has none. */
  readonly proxy: UpstreamProxy | undefined;
  /** The value of `NO_PROXY`. */
  readonly except: string;
}

/**
 * Reads `HTTPS_PROXY` and `NO_PROXY`; lower-case names take precedence.
 *
 * @throws {ConfigError} `badValue`.
 */
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
