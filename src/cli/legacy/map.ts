/**
 * What became of each option of Sauce Connect 4.
 *
 * @module
 */
import { ConfigError } from "../../config/errors.ts";
import { domainPatterns } from "./domains.ts";

/** What an old option says: its words, a list of them or a switch. */
export type OldValue = string | readonly string[];

/** All old options, by name. */
export type OldOptions = ReadonlyMap<string, OldValue>;

/** New options by name: words, or a list of them. */
export type NewOptions = Readonly<Record<string, string | readonly string[]>>;

/** What became of an option. */
export type Fate =
  /** It goes on under this name. */
  | { readonly kind: "renamed"; readonly to: string }
  /** It becomes other options. */
  | {
    readonly kind: "changed";
    readonly to: (value: OldValue, all: OldOptions) => NewOptions;
  }
  /** Nothing does its work any more, or nobody needs it. */
  | { readonly kind: "dropped"; readonly because: string }
  /** Only a person can say what it shall be. */
  | { readonly kind: "manual"; readonly toDo: string };

const renamed = (to: string): Fate => ({ kind: "renamed", to });
const dropped = (because: string): Fate => ({ kind: "dropped", because });
const manual = (toDo: string): Fate => ({ kind: "manual", toDo });
const changed = (
  to: (value: OldValue, all: OldOptions) => NewOptions,
): Fate => ({ kind: "changed", to });

const IS_CHECKED = "certificates of the server are checked by --cacert-file";
const OTHERS_DO = "other programs do that better";
const IS_READY = "ask /readyz of --api-address, or run sallyport ready";
const IN_SCRIPT = 'write a script for --pac that says "DIRECT" for these hosts';

/** The table. Options that are not in it never were any. */
export const FATES: Readonly<Record<string, Fate>> = {
  "user": renamed("username"),
  "api-key": renamed("access-key"),
  "tunnel-identifier": renamed("tunnel-name"),
  "tunnel-name": renamed("tunnel-name"),
  "region": renamed("region"),
  "rest-url": manual("write the address of your server to server"),
  "logfile": renamed("log-file"),
  "log-file": renamed("log-file"),
  "dns": renamed("dns-server"),
  "cainfo": renamed("cacert-file"),
  "capath": manual("name the files of that folder in cacert-file"),
  "status-address": renamed("api-address"),
  "pac": renamed("pac"),
  "pac-auth": renamed("auth"),
  "proxy": renamed("proxy"),
  "proxy-userpwd": changed(proxyCredentials),
  "proxy-tunnel": changed((value, all) =>
    isOn(value)
      ? { "proxy-server": required("proxy", "proxy-tunnel", all) }
      : {}
  ),
  "proxy-localhost": changed((value) => ({
    "proxy-localhost": isOn(value) ? "allow" : "direct",
  })),
  "no-proxy": manual(IN_SCRIPT),
  "no-autodetect": dropped("proxies are never looked for"),
  "shared-tunnel": changed((value) => isOn(value) ? { shared: "all" } : {}),
  "tunnel-pool": renamed("tunnel-pool"),
  "no-remove-colliding-tunnels": renamed("tunnel-pool"),
  "direct-domains": changed((value) => ({
    "direct-domains": domainPatterns(value),
  })),
  "tunnel-domains": changed((value) => ({
    "tunnel-domains": domainPatterns(value),
  })),
  "no-ssl-bump-domains": changed((value) => ({
    "tls-passthrough-domains": domainPatterns(value),
  })),
  "fast-fail-regexps": changed(deniedDomains),
  "verbose": changed(verbose),
  "scproxy-port": changed((value) => ({
    "debug-address": `127.0.0.1:${words(value)}`,
  })),
  "scproxy-read-limit": renamed("read-limit"),
  "scproxy-write-limit": renamed("write-limit"),
  "metadata": renamed("metadata"),
  "autodetect": dropped("proxies are never looked for"),
  "daemonize": dropped("a service manager does it"),
  "doctor": dropped(OTHERS_DO),
  "experimental": dropped("nothing is experimental"),
  "extra-info": dropped("metadata takes its place"),
  "log-stats": dropped("/metrics tells more"),
  "max-logsize": dropped("rotate the file and send SIGHUP"),
  "max-missed-acks": dropped("HTTP/2 looks after its connections"),
  "metrics-address": dropped("/metrics is at api-address"),
  "no-http2": dropped("there is nothing else"),
  "no-proxy-caching": dropped("nothing is cached"),
  "ocsp": dropped(OTHERS_DO),
  "output-format": dropped("log-format is json or text"),
  "pidfile": dropped("a service manager knows it"),
  "readyfile": dropped(IS_READY),
  "se-port": dropped("tests talk to their grid themselves"),
  "start-timeout": dropped("the server says how long"),
  "tunnel-cainfo": dropped(IS_CHECKED),
  "tunnel-capath": dropped(IS_CHECKED),
  "tunnel-cert": dropped(IS_CHECKED),
  "vm-version": dropped("there are no machines to choose from"),
};

/** The text of a value that is one. */
function words(value: OldValue): string {
  return typeof value === "string" ? value : value.join(",");
}

/** Whether a switch is on; without a value it is. */
function isOn(value: OldValue): boolean {
  return !["false", "no", "off", "0"].includes(words(value).toLowerCase());
}

function required(name: string, by: string, all: OldOptions): string {
  const value = all.get(name);
  if (value !== undefined) return words(value);
  throw new ConfigError(
    "badValue",
    `Cannot translate "${by}": it says something about "${name}", which is ` +
      "not set, set it or remove this one",
  );
}

/** `user:password` of the proxy, with the proxy's address. */
function proxyCredentials(value: OldValue, all: OldOptions): NewOptions {
  const proxy = required("proxy", "proxy-userpwd", all);
  const address = proxy.replace(/^[a-z0-9]+:\/\//i, "").replace(/\/$/, "");
  return { auth: [`${words(value)}@${address}`] };
}

/** Regular expressions of URLs; those of a host alone go on. */
function deniedDomains(value: OldValue): NewOptions {
  const list = typeof value === "string" ? value.split(",") : value;
  const withPath = list.find((each) => each.includes("/"));
  if (withPath === undefined) return { "deny-domains": list };
  throw new ConfigError(
    "badValue",
    `Cannot translate "${withPath}" in "fast-fail-regexps": it is about ` +
      "URLs and deny-domains is about hosts, write the host alone",
  );
}

function verbose(value: OldValue): NewOptions {
  const level = Number(words(value));
  if (level === 0 || !isOn(value)) return {};
  return level > 1
    ? { "log-level": "debug", "log-http": ["headers"] }
    : { "log-level": "debug" };
}
