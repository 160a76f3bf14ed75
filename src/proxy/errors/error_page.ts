import { textBody } from "../../http/bytes_body.ts";
import type { PlainResponse } from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import type { ProxyError, ProxyErrorCode } from "./errors.ts";

/** Retry-After of a temporary 503, in seconds. */
const RETRY_AFTER = "5";
const TEMPORARY: ReadonlySet<ProxyErrorCode> = new Set<ProxyErrorCode>([
  "noSession",
  "tunnelFull",
]);

/** The proxy that wrote an error page or a span. */
export type Component = "sallyport client" | "sallyport server";

/** The response that tells the browser, in plain text, what is wrong. */
export function errorPage(
  error: ProxyError,
  component: Component,
): PlainResponse {
  const body = textBody(`${component}: ${error.message}\n${detailOf(error)}`);
  const fields = new Fields([
    ...["Content-Type", "text/plain; charset=utf-8"],
    ...["Content-Length", String(body.length)],
    ...["Cache-Control", "no-store"],
    ...["X-Content-Type-Options", "nosniff"],
    ...["X-Sallyport-Error", `${error.reason} ${printable(error.message)}`],
  ]);
  if (error.status === 407) {
    fields.append("Proxy-Authenticate", 'Basic realm="sallyport"');
  }
  if (TEMPORARY.has(error.code)) fields.append("Retry-After", RETRY_AFTER);
  return { kind: "response", status: error.status, fields, body };
}

/** The first cause that says more than the error itself. */
function detailOf(error: ProxyError): string {
  for (let { cause } = error; cause instanceof Error; cause = cause.cause) {
    const why = "why" in cause ? String(cause.why) : cause.message;
    if (!error.message.includes(why)) return `${cause.message}\n`;
  }
  return "";
}

/** Hosts and user names come from the request: only characters of a field value are repeated. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
