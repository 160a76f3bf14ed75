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
  aborted: "aborted",
  failed: "connectFailed",
};

/** Finds the entry of the error table for anything thrown while a request was forwarded. */
export function toProxyError(
  cause: unknown,
  { authority }: ProxyRequest,
): ProxyError {
  if (cause instanceof ProxyError) return cause;
  return new ProxyError(codeOf(cause), authority, { cause });
}

function codeOf(cause: unknown): ProxyErrorCode {
  if (cause instanceof DialError) return DIAL[cause.code];
  if (cause instanceof Http1Error) return http1CodeOf(cause);
  if (cause instanceof PacError) return "pacFailed";
  if (cause instanceof PluginError) {
    return cause.code === "refused" ? "pluginRefused" : "pluginFailed";
  }
  return "unexpected";
}

/** Status 400 is an error of the request; all others are errors of the site. */
function http1CodeOf({ code, status }: Http1Error): ProxyErrorCode {
  if (status === 400) return "badRequest";
  switch (code) {
    case "timeout":
      return "responseTimeout";
    case "cutShort":
    case "staleConnection":
      return "originClosed";
    case "cancelled":
      return "aborted";
    default:
      return "badResponse";
  }
}
