/**
 * The client's options about how sites are reached from where it runs: through
 * which proxy, and with which credentials.
 *
 * @module
 */
import type { UpstreamProxy } from "../../net/address/upstream_proxy.ts";
import type { SiteCredentials } from "../../http/site_credentials.ts";
import type { Rivals } from "../values/exclusive.ts";
import { field, type Fields } from "../field.ts";
import {
  proxyOrEnvironment,
  siteCredentials,
  upstreamProxy,
} from "../values/proxy_values.ts";
import { choice, onOff, text } from "../values/values.ts";

/** How sites are reached. */
export interface ProxyConfig {
  readonly proxy: UpstreamProxy | undefined;
  /** A path, a URL, `data:` or `-`; `readPac()` reads it. */
  readonly pac: string | undefined;
  /** `env`: what `environmentProxy()` reads. */
  readonly proxyServer: UpstreamProxy | "env" | undefined;
  readonly auth: readonly SiteCredentials[];
  readonly proxyLocalhost: "allow" | "deny" | "direct";
  readonly allowPrivateMetadata: boolean;
}

/** Each of the two says how all sites are reached. */
export const PROXY_RIVALS: Rivals = ["proxy", "pac"];

/** Declares the options of `ProxyConfig`. */
export const PROXY_FIELDS: Fields<ProxyConfig> = {
  proxy: field(upstreamProxy().optional(), {
    section: "Proxy",
    short: "x",
    placeholder: "[protocol://]host:port",
    secret: "userinfo",
    defaultText: "sites are reached directly",
    help: "The proxy that sites are reached through: http (the default), " +
      "https or socks5, with user:password@ before the host where it wants " +
      "credentials. It resolves the names. The connections to the server do " +
      "not go through it.",
  }),
  pac: field(text().optional(), {
    section: "Proxy",
    short: "p",
    placeholder: "path or URL",
    isWhole: true,
    help: "A script that chooses the proxies for each site, in place of " +
      "--proxy: a path, a URL, data:base64,... or - for standard input. The " +
      "next proxy of its answer is tried when one fails. It is read at the " +
      'start; "sallyport pac eval" tries it out.',
  }),
  proxyServer: field(proxyOrEnvironment().optional(), {
    section: "Proxy",
    alias: "proxy-sauce",
    placeholder: "[protocol://]host:port|env",
    secret: "userinfo",
    defaultText: "the server is reached directly",
    help:
      "The proxy that the server is reached through, for the REST API and " +
      "the connections of the tunnel; written like --proxy. Sites are not " +
      "reached through it. env takes it from HTTPS_PROXY, and the hosts that " +
      "are reached without it from NO_PROXY.",
  }),
  auth: field(siteCredentials(), {
    section: "Proxy",
    short: "a",
    placeholder: "user:password@host:port,...",
    secret: "password",
    help:
      "Credentials for sites, which are added to requests that have none, " +
      "and for the proxy of --proxy. A * stands for any host or any port; " +
      "host:port wins over *:port, that over host:*, that over *:*. The TLS " +
      "of these hosts is opened as with --tls-resign-domains. Prefer the " +
      "environment: other users of this machine can see command lines.",
  }),
  proxyLocalhost: field(choice("allow", "deny", "direct").default("deny"), {
    section: "Proxy",
    placeholder: "allow|deny|direct",
    help: "What to do with requests for this machine (localhost). Direct " +
      "means allow, but not through an upstream proxy. Names to which you " +
      "give a loopback address in a hosts file or by --host-override are " +
      "always allowed; in the system's own hosts file names with a dot, " +
      "as platforms write others there.",
  }),
  allowPrivateMetadata: field(onOff(), {
    section: "Proxy",
    help: "Lets requests reach link-local addresses (169.254.0.0/16, " +
      "fe80::/10) and those by which clouds tell machines their secrets. " +
      "Whoever may use the tunnel can then read the credentials of the " +
      "machine that the client runs on.",
  }),
};
