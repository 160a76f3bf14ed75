// The client's options about how it reaches sites: through which proxy, and
// with which credentials.
import type { MutuallyExclusive } from "../values/mutually_exclusive.ts";
import { fieldsIn } from "../field.ts";
import {
  proxyOrEnv,
  siteCredentials,
  upstreamProxy,
} from "../values/proxy_values.ts";
import { choice, onOff, text } from "../values/values.ts";

const field = fieldsIn("Proxy");

/** Each of the two options decides for all sites. */
export const PROXY_EXCLUSIVE: MutuallyExclusive = ["proxy", "pac"];

/** How the client reaches sites. */
export const PROXY_FIELDS = {
  proxy: field(upstreamProxy().optional(), {
    short: "x",
    placeholder: "[protocol://]host:port",
    secret: "userinfo",
    defaultText: "none, direct connections",
    summary: "Upstream proxy for sites",
    help: "Upstream proxy for sites: http (the default), https or socks5, " +
      "with user:password@ before the host if it requires credentials. In " +
      "them, %25 is a %, %40 an @, %3A a : and %2F a /. The " +
      "proxy resolves names. Connections to the server do not use it.",
  }),
  pac: field(text().optional(), {
    short: "p",
    placeholder: "path or URL",
    noSplit: true,
    summary: "PAC script that selects the upstream proxy",
    help: "PAC script that selects the upstream proxy of each site, in place " +
      "of --proxy: a path, a URL, data:base64,... or - for standard input. " +
      "If a proxy fails, the following one of the result is used. The script " +
      'is read once at startup. Test it with "sallyport pac eval".',
  }),
  proxyServer: field(proxyOrEnv().optional(), {
    alias: "proxy-sauce",
    placeholder: "host:port|env",
    secret: "userinfo",
    defaultText: "none, direct connections",
    summary: "Proxy for connections to the server",
    help: "Proxy for connections to the server: the REST API and the tunnel. " +
      "The syntax is that of --proxy. Sites do not use it. With env, it comes " +
      "from HTTPS_PROXY, and its exceptions from NO_PROXY.",
  }),
  auth: field(siteCredentials(), {
    short: "a",
    placeholder: "user:password@host:port,...",
    secret: "password",
    summary: "Credentials for sites and for --proxy",
    help:
      "Credentials for sites and for the proxy of --proxy. They are added " +
      "to requests without credentials. A * means any host or any port. The " +
      "order of precedence is host:port, *:port, host:*, *:*. In user and " +
      "password, %25 is a %, and %3A a :. The TLS of " +
      "these hosts is intercepted as with --tls-resign-domains. Prefer " +
      "SALLYPORT_AUTH: other users of this machine can see command lines.",
  }),
  proxyLocalhost: field(choice("allow", "deny", "direct").default("deny"), {
    placeholder: "allow|deny|direct",
    summary: "Requests for localhost",
    help: "What to do with requests for this machine (localhost). Direct " +
      "means allow, but without an upstream proxy. Names with a loopback " +
      "address in --hosts-file or --host-override are always allowed. In the " +
      "system's hosts file this holds only for names with a dot, because " +
      "platforms add others themselves.",
  }),
  allowPrivateMetadata: field(onOff(), {
    summary: "Allow link-local and cloud metadata addresses",
    help: "Allows requests to link-local addresses (169.254.0.0/16, " +
      "fe80::/10) and to the metadata services of clouds. Users of the tunnel " +
      "can then read the credentials of the machine that the client runs on.",
  }),
};
