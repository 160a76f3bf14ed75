/**
 * What a browser sees of a failure.
 *
 * @module
 */
import { textBody } from "../../http/bytes_body.ts";
import type { PlainResponse } from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import type { ProxyError, ProxyErrorCode } from "./errors.ts";

/** A 503 that will soon be over: when to come back, in seconds. */
const RETRY_AFTER = "5";
const PASSING: ReadonlySet<ProxyErrorCode> = new Set<ProxyErrorCode>([
  "noSession",
  "tunnelFull",
]);

/**
 * The page that tells the browser, in plain text, what is wrong.
 *
 * @param speaker Which proxy speaks: `sallyport client` or `sallyport server`.
 */
export function errorPage(error: ProxyError, speaker: string): PlainResponse {
  const detail = error.cause instanceof Error ? `${error.cause.message}\n` : "";
  const body = textBody(`${speaker}: ${error.message}\n${detail}`);
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
  if (PASSING.has(error.code)) fields.append("Retry-After", RETRY_AFTER);
  return { kind: "response", status: error.status, fields, body };
}

/** Hosts and user names come from outside: only what a field value may hold is repeated. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
