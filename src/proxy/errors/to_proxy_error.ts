import type { ProxyRequest } from "../../http/exchange.ts";
import { Http1Error } from "../../http1/errors.ts";
import { DialError, type DialErrorCode } from "../../net/dial_error.ts";
import { PacError } from "../../pac/errors.ts";
import { PluginError } from "../../plugin/api/errors.ts";
import { ProxyError, type ProxyErrorCode } from "./errors.ts";

const DIAL: Readonly<Record<DialErrorCode, ProxyErrorCode>> = {
  nameNotFound: "nameNotFound",
  nameServerFailed: "nameServerFailed",
  refused: "connectionRefused",
  unreachable: "unreachable",
  timedOut: "connectTimeout",
  certificate: "certificate",
  notTls: "notTls",
  tls: "tlsFailed",
  credentials: "connectFailed",
  protocol: "connectFailed",
  aborted: "aborted",
  failed: "connectFailed",
};

/** The same for an upstream proxy. */
const UPSTREAM: Readonly<Record<DialErrorCode, ProxyErrorCode>> = {
  nameNotFound: "upstreamName",
  nameServerFailed: "upstreamName",
  refused: "upstreamDial",
  unreachable: "upstreamDial",
  timedOut: "upstreamTimeout",
  certificate: "upstreamTls",
  notTls: "upstreamTls",
  tls: "upstreamTls",
  credentials: "upstreamCredentials",
  protocol: "upstreamProtocol",
  aborted: "aborted",
  failed: "upstreamDial",
};

/** Finds the entry of the error table for anything thrown while a request was forwarded. */
export function toProxyError(
  cause: unknown,
  { authority }: ProxyRequest,
): ProxyError {
  if (cause instanceof ProxyError) return cause;
  const why = cause instanceof DialError || cause instanceof Http1Error
    ? cause.why
    : undefined;
  return new ProxyError(codeOf(cause), authority, { cause, why });
}

function codeOf(cause: unknown): ProxyErrorCode {
  if (cause instanceof DialError) {
    return (cause.isOfProxy ? UPSTREAM : DIAL)[cause.code];
  }
  if (cause instanceof Http1Error) return http1CodeOf(cause);
  if (cause instanceof PacError) return "pacFailed";
  if (cause instanceof PluginError) return pluginCodeOf(cause);
  return "unexpected";
}

function pluginCodeOf({ code }: PluginError): ProxyErrorCode {
  if (code === "refused") return "pluginRefused";
  return code === "noRoom" ? "pluginNoRoom" : "pluginFailed";
}

/** Status 400 and 431 are errors of the request; all others are errors of the site. */
function http1CodeOf({ code, status }: Http1Error): ProxyErrorCode {
  if (status === 400 || status === 431) return "badRequest";
  switch (code) {
    case "timeout":
      return "responseTimeout";
    case "cutShort":
    case "staleConnection":
      return "originClosed";
    case "headersTooLarge":
    case "targetTooLong":
      return "responseTooLarge";
    case "cancelled":
      return "aborted";
    default:
      return "badResponse";
  }
}
