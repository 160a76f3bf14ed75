import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";

/**
 * Restricts what a page may do: no inline scripts or styles, nothing from other
 * sites, forms to this server only.
 */
export function securityHeaders(): MiddlewareHandler {
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
    // A server with a self-made certificate must not bind the whole host name
    // to HTTPS, least of all "localhost".
    strictTransportSecurity: false,
  });
  return createMiddleware(async function securityHeaders(context, next) {
    await secure(context, next);
    context.header("Cache-Control", "no-store");
  });
}
