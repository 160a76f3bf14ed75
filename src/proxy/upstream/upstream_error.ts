/**
 * Failures of an upstream proxy itself. Each names that proxy and says what to
 * do; the site behind it is not to blame.
 */
import type { Http1Error } from "../../http1/errors.ts";
import { formatAddress } from "../../net/address/address.ts";
import type {
  UpstreamProtocol,
  UpstreamProxy,
} from "../../net/address/upstream_proxy.ts";
import { DialError, type DialErrorCode } from "../../net/dial_error.ts";

/** What an upstream proxy comes from: an option, or a `connect` hook. */
export type UpstreamOption =
  | "--proxy"
  | "--proxy-server"
  | "--pac"
  | `plugin "${string}"`;

/** An upstream proxy, and what it comes from. */
export interface NamedProxy {
  readonly proxy: UpstreamProxy;
  readonly option: UpstreamOption;
}

/** What is known about a failure. */
export interface UpstreamFailure {
  /** What was to be reached through the proxy, for the message: `host:port`. */
  readonly target: string;
  /** What happened, in words. */
  readonly detail?: string | undefined;
  /** What it speaks instead, if that is known. */
  readonly spoken?: UpstreamProtocol | undefined;
  readonly cause?: unknown;
}

/** Makes the error. */
export function upstreamError(
  code: DialErrorCode,
  named: NamedProxy,
  { target, cause, ...facts }: UpstreamFailure,
): DialError {
  const why = wordsOf(code, named, facts);
  const message = `Cannot reach "${target}": ${why}`;
  return new DialError(code, message, { why, cause, isOfProxy: true });
}

/** The error of a proxy whose response is not HTTP, does not come, or is cut short. */
export function unreadableProxy(
  cause: Http1Error,
  named: NamedProxy,
  target: string,
): DialError {
  switch (cause.code) {
    case "timeout":
      return upstreamError("timedOut", named, { target, cause });
    case "cutShort":
    case "staleConnection":
      return upstreamError("failed", named, { target, detail: CLOSED, cause });
    default:
      return upstreamError("protocol", named, {
        ...{ target, cause },
        detail: cause.why,
        spoken: protocolOf(cause.first),
      });
  }
}

/** What a proxy did that says nothing. */
export const CLOSED = "closed the connection before it responded";

/** What the peer of a connection speaks, from the first byte that it sent. */
export function protocolOf(
  first: number | undefined,
): UpstreamProtocol | undefined {
  switch (first) {
    // Alert and handshake (RFC 8446 §5.1).
    case 0x15:
    case 0x16:
      return "https";
    case 0x05:
      return "socks5";
    // `HTTP/1.1 400 …`
    case 0x48:
      return "http";
    default:
      return undefined;
  }
}

/** Why a proxy with this challenge does not let us in (RFC 9110 §11.7.1). */
export function loginFault(
  challenge: string | undefined,
  { proxy, option }: NamedProxy,
): string {
  const schemes = schemesOf(challenge ?? "");
  const knowsBasic = schemes.length === 0 ||
    schemes.some((scheme) => scheme.toLowerCase() === "basic");
  if (!knowsBasic) {
    return `wants a login by ${schemes.join(" or ")}, and only Basic is ` +
      "supported: let it accept Basic, or use a local proxy that logs in " +
      "to it, such as Px or Cntlm";
  }
  return proxy.credentials === undefined
    ? `wants a user name and password: ${loginPlace(option)}`
    : `rejects the client's user name and password: ${loginPlace(option)}`;
}

/** Where the credentials of a proxy are configured, as advice. */
export function loginPlace(option: UpstreamOption): string {
  switch (option) {
    case "--proxy":
      return "give the right ones in --proxy or with --auth";
    case "--proxy-server":
      return "give the right ones in --proxy-server";
    case "--pac":
      return "give the right ones with --auth";
    default:
      return `let ${option} return the right ones, or give them with --auth`;
  }
}

/** A scheme is a word at the start of a list member, not followed by `=`. */
function schemesOf(challenge: string): readonly string[] {
  return challenge.replace(/"(?:[^"\\]|\\.)*"/g, '""').split(",")
    .map((member) => /^[ \t]*([\w-]+)(?:[ \t]|$)/.exec(member)?.[1])
    .filter((scheme) => scheme !== undefined);
}

function wordsOf(
  code: DialErrorCode,
  { proxy, option }: NamedProxy,
  { detail = "", spoken }: Pick<UpstreamFailure, "detail" | "spoken">,
): string {
  const name = `the upstream proxy "${proxy.protocol}://${
    formatAddress(proxy)
  }"`;
  const check = option === "--pac" ? "the script of --pac" : option;
  switch (code) {
    case "nameNotFound":
      return `DNS on the client's machine does not know the host of ${name}: ` +
        `check ${check}`;
    case "nameServerFailed":
      return "no DNS server of the client's machine responded for the host " +
        `of ${name}: check --dns-server`;
    case "refused":
      return `nothing listens at ${name}: start it, or check ${check}`;
    case "unreachable":
      return `the client's network has no route to ${name}: check ${check}`;
    case "timedOut":
      return `${name} did not respond in time: check whether it works, and ` +
        check;
    case "certificate":
      return `the certificate of ${name} is not trusted because ${detail}`;
    case "notTls":
      return `${name} does not speak TLS: ${advice("http", option)}`;
    case "tls":
      return `${name} and the client cannot agree on TLS (${detail}): check ` +
        `how that proxy is configured, and ${check}`;
    case "credentials":
      return `${name} ${detail}`;
    case "protocol":
      return spoken === undefined
        ? `${name} does not speak ${LABELS[proxy.protocol]} (${detail}): ` +
          `check ${check}`
        : `${name} speaks ${LABELS[spoken]}: ${advice(spoken, option)}`;
    case "aborted":
    case "failed":
      return `${name} ${detail}: check its log, and ${check}`;
  }
}

const LABELS: Readonly<Record<UpstreamProtocol, string>> = {
  http: "HTTP",
  https: "TLS",
  socks5: "SOCKS 5",
};

/** The words of a PAC script for the protocols. */
const PAC_WORDS: Readonly<Record<UpstreamProtocol, string>> = {
  http: "PROXY",
  https: "HTTPS",
  socks5: "SOCKS5",
};

function advice(protocol: UpstreamProtocol, option: UpstreamOption): string {
  switch (option) {
    case "--pac":
      return `let the script of --pac return "${PAC_WORDS[protocol]}" for it`;
    case "--proxy":
    case "--proxy-server":
      return `write ${protocol}:// in ${option}`;
    default:
      return `let ${option} return ${protocol}:// for it`;
  }
}
