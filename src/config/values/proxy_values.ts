/**
 * The kinds of values that options about proxies and credentials take.
 *
 * @module
 */
import * as z from "zod";
import { canonicalName, parseAddress } from "../../net/address/address.ts";
import {
  formatUpstreamProxy,
  parseUpstreamProxy,
  type UpstreamProxy,
} from "../../net/address/upstream_proxy.ts";
import { keyOf, type SiteCredentials } from "../../http/site_credentials.ts";
import { type One, refuse } from "./values.ts";

/** A proxy: `[protocol://][user:password@]host:port`. */
export function upstreamProxy(): One<UpstreamProxy> {
  return z.codec(z.string(), z.custom<UpstreamProxy>(), {
    decode: (words, context) => {
      try {
        return parseUpstreamProxy(words);
      } catch {
        return refuse(context, words, EXPECTED_PROXY);
      }
    },
    encode: formatUpstreamProxy,
  });
}

/** A proxy, or the word `env`: the one that the environment names. */
export function proxyOrEnvironment(): One<UpstreamProxy | "env"> {
  return z.codec(z.string(), z.custom<UpstreamProxy | "env">(), {
    decode: (words, context) => {
      if (words === "env") return words;
      try {
        return parseUpstreamProxy(words);
      } catch {
        return refuse(context, words, `${EXPECTED_PROXY}, or env`);
      }
    },
    encode: (value) => value === "env" ? value : formatUpstreamProxy(value),
  });
}

/** Credentials for places: `user[:password]@host:port`, each of the last two perhaps `*`. */
export function siteCredentials(): z.ZodType<
  readonly SiteCredentials[],
  readonly string[] | undefined
> {
  return z.array(oneSite()).default([]).superRefine((all, context) => {
    const keys = all.map(keyOf);
    const twice = keys.find((key, at) => keys.indexOf(key) !== at);
    if (twice === undefined) return;
    context.addIssue({
      code: "custom",
      message: `"${twice}" has credentials twice, give one`,
    });
  });
}

const EXPECTED_PROXY =
  "expected [http|https|socks5://][user:password@]host:port";
const EXPECTED_SITE =
  "expected user:password@host:port, with * for any host or any port";

function oneSite(): One<SiteCredentials> {
  return z.codec(z.string(), z.custom<SiteCredentials>(), {
    decode: (words, context) =>
      parseSite(words) ?? refuse(context, words, EXPECTED_SITE),
    encode: ({ username, password, hostname, port }) =>
      `${encodeURIComponent(username)}:${
        encodeURIComponent(password)
      }@${hostname}:${port}`,
  });
}

function parseSite(words: string): SiteCredentials | undefined {
  const at = words.lastIndexOf("@");
  const [username = "", ...rest] = words.slice(0, Math.max(0, at)).split(":");
  const place = words.slice(at + 1);
  if (username === "") return undefined;
  try {
    const anyPort = place.endsWith(":*");
    const { hostname, port } = parseAddress(
      anyPort ? place.slice(0, -2) : place,
      anyPort ? 0 : undefined,
    );
    return {
      username: decodeURIComponent(username),
      password: decodeURIComponent(rest.join(":")),
      hostname: canonicalName(hostname),
      port: anyPort ? "*" : port,
    };
  } catch {
    // Its reason quotes the text, which is secret.
    return undefined;
  }
}
