import { textBody } from "../../http/bytes_body.ts";
import type { PlainResponse } from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import type { ProxyError, ProxyErrorCode } from "./errors.ts";
import {
  ERROR_PAGE_POLICY,
  type ErrorPageFacts,
  renderErrorPage,
} from "./html_error_page.ts";

/** The field that tells error responses of Sallyport from those of sites: a word for the reason, and the sentence. */
export const ERROR_FIELD = "X-Sallyport-Error";

/** Retry-After of a temporary 503, in seconds. */
const RETRY_AFTER = "5";
const TEMPORARY: ReadonlySet<ProxyErrorCode> = new Set<ProxyErrorCode>([
  "noSession",
  "tunnelFull",
]);

/** The proxy that wrote an error page or a span. */
export type Component = "sallyport client" | "sallyport server";

/** What a page for people says besides the error. */
export type ErrorPlaces = Pick<ErrorPageFacts, "id" | "tunnelPage">;

/**
 * The response that tells the browser what is wrong: in plain text, or as a
 * page.
 *
 * @param places For a page; without it the response is text.
 */
export function errorPage(
  error: ProxyError,
  component: Component,
  places?: ErrorPlaces,
): PlainResponse {
  const { status, reason, message } = error;
  const detail = detailOf(error);
  const body = textBody(
    places === undefined
      ? `${component}: ${message}\n${detail}`
      : renderErrorPage({
        ...{ component, status, reason, message, ...places },
        detail: detail.replace(/\n$/, ""),
      }),
  );
  const type = places === undefined ? "text/plain" : "text/html";
  const fields = new Fields([
    ...["Content-Type", `${type}; charset=utf-8`],
    ...["Content-Length", String(body.length)],
    ...["Cache-Control", "no-store"],
    ...["X-Content-Type-Options", "nosniff"],
    ...[ERROR_FIELD, `${reason} ${printable(message)}`],
  ]);
  if (places !== undefined) {
    fields.append("Content-Security-Policy", ERROR_PAGE_POLICY);
    fields.append("Referrer-Policy", "no-referrer");
  }
  if (status === 407) {
    fields.append("Proxy-Authenticate", 'Basic realm="sallyport"');
  }
  if (TEMPORARY.has(error.code)) fields.append("Retry-After", RETRY_AFTER);
  return { kind: "response", status, fields, body };
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
