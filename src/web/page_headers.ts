/**
 * What browsers may do with a page: nothing inline, nothing from elsewhere,
 * forms to this server only.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";

/** Adds the fields to every answer. */
export function pageHeaders(): MiddlewareHandler {
  const secure = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
    // With "no-referrer" browsers hide the origin of our own forms.
    referrerPolicy: "same-origin",
    // A server with a certificate of its own making must not bind the whole
    // host name, "localhost" above all, to HTTPS.
    strictTransportSecurity: false,
  });
  return createMiddleware(async function pageHeaders(context, next) {
    await secure(context, next);
    context.header("Cache-Control", "no-store");
  });
}
