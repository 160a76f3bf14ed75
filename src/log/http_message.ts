import type { HttpLogMode } from "./http_log.ts";
import type { Logger } from "./log.ts";
import { HIDDEN, isSecretName, redactText } from "./redact.ts";

/** Names and values of header fields, in their order. */
export type HeaderLines = Iterable<readonly [name: string, value: string]>;

/** What is known of an exchange when it is logged. */
export interface HttpExchangeFacts {
  readonly method: string;
  /** `scheme://host/path?query`, or `host:port` for CONNECT. */
  readonly url: string;
  readonly status: number;
  /** Until the head of the response, in milliseconds. */
  readonly duration: number;
  /** The id of the exchange, if it has one. */
  readonly id?: string | undefined;
  /** The user and the test job that it belongs to, where they are known. */
  readonly user?: string | undefined;
  readonly job?: string | undefined;
  readonly request: HeaderLines;
  readonly response: HeaderLines;
  /** Content as `SampledText` keeps it. */
  readonly requestBody?: string | undefined;
  readonly responseBody?: string | undefined;
}

/** From this status on an exchange is an error to the mode `errors` (RFC 9110 §15.6). */
const FIRST_ERROR = 500;

/** `name=value` of queries, fragments and forms. */
const PARAMETER = /([?&#]|^)([^=?&#\s]+)=([^&#\s]*)/g;
/** `"name": "value"` and `"name": 1` of JSON. */
const MEMBER = /"([^"\\]+)"(\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,{}[\]"]+)/g;

/** `<name attributes>text` of XML and HTML, where there is text. */
const ELEMENT = /<([\w:.-]+)(?![\w:.-])([^<>]*)>\s*[^<>\s][^<>]*/g;

/** Logs an exchange as `mode` says. */
export function logHttp(
  log: Logger,
  mode: HttpLogMode,
  exchange: HttpExchangeFacts,
): void {
  const { method, url, status, duration, id, user, job } = exchange;
  if (mode === "none" || (mode === "errors" && status < FIRST_ERROR)) return;
  const shown = mode === "short-url" ? url.replace(/[?#].*$/s, "") : url;
  log.info(`${method} ${hideInUrl(shown)}`, {
    id,
    request_id: requestIdOf(exchange.request),
    status,
    duration: `${duration.toFixed(1)}ms`,
    // Most requests are of no job, and of the user that runs the tunnel.
    ...job !== undefined && { user, job },
    ...mode !== "short-url" && mode !== "url" && {
      ...prefixed("request", exchange.request),
      ...prefixed("response", exchange.response),
    },
    ...mode === "body" && {
      "request.body": exchange.requestBody,
      "response.body": exchange.responseBody,
    },
  });
}

/** Longer ones are not made by programs that trace requests. */
const MAX_REQUEST_ID = 128;

/** The id that the sender has given to the request: `X-Request-Id`. */
export function requestIdOf(request: HeaderLines): string | undefined {
  for (const [name, value] of request) {
    if (name.toLowerCase() === "x-request-id") {
      return value.slice(0, MAX_REQUEST_ID);
    }
  }
  return undefined;
}

/** `text`, which is a form, JSON or XML, with the values of secrets hidden. */
export function hideInContent(text: string): string {
  const members = text.replace(
    MEMBER,
    (whole, name: string, colon: string) =>
      isSecretName(name) ? `"${name}"${colon}"${HIDDEN}"` : whole,
  ).replace(
    ELEMENT,
    (whole, name: string, attributes: string) =>
      isSecretName(name) ? `<${name}${attributes}>${HIDDEN}` : whole,
  );
  return hideInUrl(members);
}

/** A URL, or a text that has some, with passwords and the values of secret parameters hidden. */
export function hideInUrl(text: string): string {
  return redactText(hideParameters(text));
}

/** The value of a header field as it may be shown. URLs stand in Referer, Location and X-Forwarded-Url. */
export function hideInField(name: string, value: string): string {
  return isSecretName(name) ? HIDDEN : hideInUrl(value);
}

function hideParameters(text: string): string {
  return text.replace(
    PARAMETER,
    (whole, before: string, name: string) =>
      isSecretName(name) ? `${before}${name}=${HIDDEN}` : whole,
  );
}

/** As log fields; the log itself hides those with the name of a secret. */
function prefixed(of: string, lines: HeaderLines): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of lines) {
    const key = `${of}.${name.toLowerCase()}`;
    const before = fields[key];
    // URLs stand in Referer, Location and X-Forwarded-Url.
    const shown = hideParameters(value);
    fields[key] = before === undefined ? shown : `${before}, ${shown}`;
  }
  return fields;
}
