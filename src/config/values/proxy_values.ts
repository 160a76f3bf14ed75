// The types of values of the options about proxies and credentials.
import * as z from "zod";
import { canonicalName, parseAddress } from "../../net/address/address.ts";
import {
  formatUpstreamProxy,
  parseUpstreamProxy,
  type UpstreamProxy,
} from "../../net/address/upstream_proxy.ts";
import { formatUserinfo, parseUserinfo } from "../../net/address/userinfo.ts";
import { keyOf, type SiteCredentials } from "../../http/site_credentials.ts";
import { codec, type ValueCodec } from "./values.ts";

/** A proxy: `[protocol://][user:password@]host:port`. */
export function upstreamProxy(): ValueCodec<UpstreamProxy> {
  return codec(parseUpstreamProxy, formatUpstreamProxy, EXPECTED_PROXY);
}

/** A proxy, or the word `env` for that of the environment. */
export function proxyOrEnv(): ValueCodec<UpstreamProxy | "env"> {
  return codec<UpstreamProxy | "env">(
    (raw) => raw === "env" ? raw : parseUpstreamProxy(raw),
    (value) => value === "env" ? value : formatUpstreamProxy(value),
    `${EXPECTED_PROXY}, or env`,
  );
}

/** Credentials for sites: `user[:password]@host:port`, where host and port may be `*`. */
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
      message: `duplicate credentials for "${twice}"`,
    });
  });
}

const EXPECTED_PROXY =
  "expected [http|https|socks5://][user:password@]host:port";
const EXPECTED_SITE =
  "expected user:password@host:port, with * for any host or any port";

function oneSite(): ValueCodec<SiteCredentials> {
  return codec(
    parseSite,
    ({ hostname, port, ...credentials }) =>
      `${formatUserinfo(credentials)}@${hostname}:${port}`,
    EXPECTED_SITE,
  );
}

function parseSite(raw: string): SiteCredentials | undefined {
  const at = raw.lastIndexOf("@");
  const credentials = parseUserinfo(raw.slice(0, Math.max(0, at)));
  const place = raw.slice(at + 1);
  if (credentials.username === "") return undefined;
  const anyPort = place.endsWith(":*");
  const { hostname, port } = parseAddress(
    anyPort ? place.slice(0, -2) : place,
    anyPort ? 0 : undefined,
  );
  return {
    ...credentials,
    hostname: canonicalName(hostname),
    port: anyPort ? "*" : port,
  };
}
