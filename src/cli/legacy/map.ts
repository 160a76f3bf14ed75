/**
 * What became of each option of Sauce Connect 4.
 *
 * @module
 */
import { ConfigError } from "../../config/errors.ts";
import { domainPatterns, hostExpressions } from "./domains.ts";

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

const domains = (from: string, to: string): Fate =>
  changed((value) => ({ [to]: domainPatterns(value, from) }));
const pool: Fate = changed((value) =>
  isOn(value) ? { "tunnel-pool": "true" } : {}
);

const IS_CHECKED = "certificates of the server are checked by --cacert-file";
const OTHERS_DO = "other programs do that better";
const NO_KGP = "HTTP/2 takes its place";
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
  "logfile": changed(logFile),
  "log-file": changed(logFile),
  "dns": renamed("dns-server"),
  "cainfo": renamed("cacert-file"),
  "capath": manual("name the files of that folder in cacert-file"),
  "status-address": renamed("api-address"),
  "pac": renamed("pac"),
  "auth": changed(siteCredentials),
  "pac-auth": renamed("auth"),
  "proxy": renamed("proxy"),
  "proxy-userpwd": changed(proxyCredentials),
  "proxy-tunnel": changed(proxyOfServer),
  "proxy-localhost": changed((value) => ({
    "proxy-localhost": isOn(value) ? "allow" : "direct",
  })),
  "no-proxy": manual(IN_SCRIPT),
  "no-autodetect": dropped("proxies are never looked for"),
  "shared-tunnel": changed((value) => isOn(value) ? { shared: "all" } : {}),
  "tunnel-pool": pool,
  "no-remove-colliding-tunnels": pool,
  "direct-domains": domains("direct-domains", "direct-domains"),
  "tunnel-domains": domains("tunnel-domains", "tunnel-domains"),
  "no-ssl-bump-domains": domains(
    "no-ssl-bump-domains",
    "tls-passthrough-domains",
  ),
  "fast-fail-regexps": changed((value) => ({
    "deny-domains": hostExpressions(value),
  })),
  "verbose": changed(verbose),
  "scproxy-port": changed((value) =>
    words(value) === "0" ? {} : { "debug-address": `127.0.0.1:${words(value)}` }
  ),
  "scproxy-read-limit": renamed("read-limit"),
  "scproxy-write-limit": renamed("write-limit"),
  "metadata": renamed("metadata"),
  "autodetect": dropped("proxies are never looked for"),
  "config-file": dropped("this is that file"),
  "daemonize": dropped("a service manager does it"),
  "doctor": dropped(OTHERS_DO),
  "experimental": dropped("nothing is experimental"),
  "extra-info": dropped("metadata takes its place"),
  "kgp-host": dropped(NO_KGP),
  "kgp-port": dropped(NO_KGP),
  "log-stats": dropped("/metrics tells more"),
  "max-logsize": dropped("rotate the file and send SIGHUP"),
  "max-missed-acks": dropped("HTTP/2 looks after its connections"),
  "metrics-address": dropped("/metrics is at api-address"),
  "no-http2": dropped("there is nothing else"),
  "no-ocsp-verify": dropped(OTHERS_DO),
  "no-proxy-caching": dropped("nothing is cached"),
  "ocsp": dropped(OTHERS_DO),
  "output-format": dropped("log-format is json or text"),
  "pidfile": dropped("a service manager knows it"),
  "readyfile": dropped(IS_READY),
  "reconnect": dropped("connections come back by themselves"),
  "se-port": dropped("tests talk to their grid themselves"),
  "start-timeout": dropped("the server says how long"),
  "tunnel-cainfo": dropped(IS_CHECKED),
  "tunnel-capath": dropped(IS_CHECKED),
  "tunnel-cert": dropped(IS_CHECKED),
  "vm-version": dropped("there are no machines to choose from"),
};

/** Options that are on when they stand without a value. */
export const SWITCHES: ReadonlySet<string> = new Set([
  "autodetect",
  "daemonize",
  "doctor",
  "no-autodetect",
  "no-http2",
  "no-ocsp-verify",
  "no-proxy-caching",
  "no-remove-colliding-tunnels",
  "proxy-localhost",
  "proxy-tunnel",
  "shared-tunnel",
  "tunnel-pool",
  "verbose",
]);

/** The text of a value that is one. */
function words(value: OldValue): string {
  return typeof value === "string" ? value : value.join(",");
}

/** Whether a switch is on; without a value it is. */
function isOn(value: OldValue): boolean {
  return !["false", "no", "off", "0"].includes(words(value).toLowerCase());
}

/** Whether an option is not set; the sample file of Sauce Connect 4 has many that are empty. */
export function isEmpty(
  value: OldValue | undefined,
): value is undefined | "" | readonly [] {
  return value === undefined || value.length === 0;
}

function required(name: string, by: string, all: OldOptions): string {
  const value = all.get(name);
  if (!isEmpty(value)) return words(value);
  throw new ConfigError(
    "badValue",
    `Cannot translate "${by}": it says something about "${name}", which is ` +
      "not set, set it or remove this one",
  );
}

/** `host:port:user:password` of sites. */
function siteCredentials(value: OldValue): NewOptions {
  const list = typeof value === "string" ? value.split(",") : value;
  return {
    auth: list.map((each) => {
      const [, place, user = "", password = ""] =
        /^((?:\[[^\]]*\]|[^:@]+):(?:\d+|\*)):([^:]+):(.*)$/.exec(each) ?? [];
      if (place !== undefined) return `${encoded(user, password)}@${place}`;
      throw new ConfigError(
        "badValue",
        'Cannot translate a value of "auth": expected ' +
          "host:port:user:password",
      );
    }),
  };
}

/** `user:password` of the proxy, with the proxy's address. */
function proxyCredentials(value: OldValue, all: OldOptions): NewOptions {
  const proxy = required("proxy", "proxy-userpwd", all);
  const address = proxy.replace(/^[a-z0-9]+:\/\//i, "").replace(/\/$/, "")
    .replace(/^.*@/, "");
  return { auth: [`${encodedPair(value)}@${address}`] };
}

/** The proxy of sites is that of the server too, with the same credentials. */
function proxyOfServer(value: OldValue, all: OldOptions): NewOptions {
  if (!isOn(value)) return {};
  const proxy = required("proxy", "proxy-tunnel", all);
  const credentials = all.get("proxy-userpwd");
  if (isEmpty(credentials)) return { "proxy-server": proxy };
  const [, scheme = "", rest = ""] =
    /^([a-z0-9]+:\/\/)?(?:.*@)?(.*)$/i.exec(proxy) ?? [];
  const pair = encodedPair(credentials);
  return { "proxy-server": `${scheme}${pair}@${rest}` };
}

/** `user:password` with nothing in it that means something today. */
function encodedPair(value: OldValue): string {
  const [user = "", ...rest] = words(value).split(":");
  return encoded(user, rest.join(":"));
}

function encoded(user: string, password: string): string {
  return `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
}

/** A file; `-` is the terminal, as without one. */
function logFile(value: OldValue): NewOptions {
  return words(value) === "-" ? {} : { "log-file": words(value) };
}

function verbose(value: OldValue): NewOptions {
  const level = Number(words(value));
  if (level === 0 || !isOn(value)) return {};
  return level > 1
    ? { "log-level": "debug", "log-http": ["headers"] }
    : { "log-level": "debug" };
}
