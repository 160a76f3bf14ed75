// How each option of Sauce Connect 4 is translated.
import { ConfigError } from "../../config/errors.ts";
import { domainPatterns, hostExpressions } from "./domain_patterns.ts";

/** The value of an old option: a text, a list, or a switch. */
export type OldValue = string | readonly string[];

/** All old options, by name. */
export type OldOptions = ReadonlyMap<string, OldValue>;

/** New options by name: a text, or a list. */
export type NewOptions = Readonly<Record<string, string | readonly string[]>>;

/** How an option is translated. */
export type Mapping =
  /** It has a new name. */
  | { readonly kind: "renamed"; readonly to: string }
  /** It becomes other options. */
  | {
    readonly kind: "changed";
    readonly to: (value: OldValue, all: OldOptions) => NewOptions;
  }
  /** It is obsolete. */
  | { readonly kind: "dropped"; readonly because: string }
  /** It needs the user's decision. */
  | { readonly kind: "manual"; readonly toDo: string };

const renamed = (to: string): Mapping => ({ kind: "renamed", to });
const dropped = (because: string): Mapping => ({ kind: "dropped", because });
const manual = (toDo: string): Mapping => ({ kind: "manual", toDo });
const changed = (
  to: (value: OldValue, all: OldOptions) => NewOptions,
): Mapping => ({ kind: "changed", to });

const domains = (from: string, to: string): Mapping =>
  changed((value) => ({ [to]: domainPatterns(value, from) }));
const pool: Mapping = changed((value) =>
  isOn(value) ? { "tunnel-pool": "true" } : {}
);

const CACERT_FILE = "cacert-file verifies the certificate of the server";
const OTHER_PROGRAMS = "other programs do that better";
const HTTP2 = "HTTP/2 replaces it";
const READINESS = "use /readyz of api-address, or sallyport ready";
const USE_PAC = 'use a pac script that returns "DIRECT" for these hosts';

/** All options of Sauce Connect 4. */
export const OPTION_MAP: Readonly<Record<string, Mapping>> = {
  "user": renamed("username"),
  "api-key": renamed("access-key"),
  "tunnel-identifier": renamed("tunnel-name"),
  "tunnel-name": renamed("tunnel-name"),
  "region": renamed("region"),
  "rest-url": manual("set server to the address of your server"),
  "logfile": changed(logFile),
  "log-file": changed(logFile),
  "dns": renamed("dns-server"),
  "cainfo": renamed("cacert-file"),
  "capath": manual("list the files of that folder in cacert-file"),
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
  "no-proxy": manual(USE_PAC),
  "no-autodetect": dropped("proxies are never detected automatically"),
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
    textOf(value) === "0"
      ? {}
      : { "debug-address": `127.0.0.1:${textOf(value)}` }
  ),
  "scproxy-read-limit": renamed("read-limit"),
  "scproxy-write-limit": renamed("write-limit"),
  "metadata": renamed("metadata"),
  "autodetect": dropped("proxies are never detected automatically"),
  "config-file": dropped("this file replaces it"),
  "daemonize": dropped("a service manager does it"),
  "doctor": dropped(OTHER_PROGRAMS),
  "experimental": dropped("there are no experimental features"),
  "extra-info": dropped("metadata replaces it"),
  "kgp-host": dropped(HTTP2),
  "kgp-port": dropped(HTTP2),
  "log-stats": dropped("/metrics replaces it"),
  "max-logsize": dropped("rotate the file and send SIGHUP"),
  "max-missed-acks": dropped("HTTP/2 monitors its connections"),
  "metrics-address": dropped("/metrics is at api-address"),
  "no-http2": dropped("HTTP/2 is required"),
  "no-ocsp-verify": dropped(OTHER_PROGRAMS),
  "no-proxy-caching": dropped("nothing is cached"),
  "ocsp": dropped(OTHER_PROGRAMS),
  "output-format": dropped("log-format is json or text"),
  "pidfile": dropped("a service manager knows it"),
  "readyfile": dropped(READINESS),
  "reconnect": dropped("reconnecting is automatic"),
  "se-port": dropped("tests connect to their grid directly"),
  "start-timeout": dropped("the server sets the timeout"),
  "tunnel-cainfo": dropped(CACERT_FILE),
  "tunnel-capath": dropped(CACERT_FILE),
  "tunnel-cert": dropped(CACERT_FILE),
  "vm-version": dropped("there are no virtual machines"),
};

/** The names of all options of Sauce Connect 4. */
export const OLD_NAMES: ReadonlySet<string> = new Set(Object.keys(OPTION_MAP));

/** Options that are on if they have no value. */
export const LEGACY_SWITCHES: ReadonlySet<string> = new Set([
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

function textOf(value: OldValue): string {
  return typeof value === "string" ? value : value.join(",");
}

/** Whether a switch is on. Without a value it is on. */
function isOn(value: OldValue): boolean {
  return !["false", "no", "off", "0"].includes(textOf(value).toLowerCase());
}

/** Whether an option is unset. The sample file of Sauce Connect 4 has many empty options. */
export function isEmpty(
  value: OldValue | undefined,
): value is undefined | "" | readonly [] {
  return value === undefined || value.length === 0;
}

function required(name: string, by: string, all: OldOptions): string {
  const value = all.get(name);
  if (!isEmpty(value)) return textOf(value);
  throw new ConfigError(
    "badValue",
    `Cannot translate "${by}": it requires "${name}", which is not set, set ` +
      "it or remove this one",
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

/** The proxy of sites is also that of the server, with the same credentials. */
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

/** `user:password`, encoded so that special characters have no meaning. */
function encodedPair(value: OldValue): string {
  const [user = "", ...rest] = textOf(value).split(":");
  return encoded(user, rest.join(":"));
}

function encoded(user: string, password: string): string {
  return `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
}

/** A log file. `-` means the terminal, which is the default. */
function logFile(value: OldValue): NewOptions {
  return textOf(value) === "-" ? {} : { "log-file": textOf(value) };
}

function verbose(value: OldValue): NewOptions {
  const level = Number(textOf(value));
  if (level === 0 || !isOn(value)) return {};
  return level > 1
    ? { "log-level": "debug", "log-http": ["headers"] }
    : { "log-level": "debug" };
}
