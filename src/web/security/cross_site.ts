import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";

/**
 * Refuses requests that change something and come from a page of another site.
 * Browsers add remembered credentials to such requests.
 *
 * `Sec-Fetch-Site` says which page sent the request (W3C Fetch Metadata).
 * Browsers without it send `Origin` (RFC 6454 §7.2). A request with neither does
 * not come from a browser.
 */
export function refuseCrossSite(): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(
    async function refuseCrossSite({ req }, next) {
      const isSafe = req.method === "GET" || req.method === "HEAD";
      const site = req.header("sec-fetch-site");
      const origin = req.header("origin");
      const isSameSite = site === undefined
        ? origin === undefined || isSameOrigin(origin, req.url)
        : site === "same-origin" || site === "none";
      if (!isSafe && !isSameSite) {
        throw new Problem(
          403,
          "Cannot accept the request: it was sent from a page of another site",
        );
      }
      await next();
    },
  );
}

/**
 * Whether a page of `origin` belongs to this server. Where a reverse proxy ends
 * the TLS, the page has `https` and the request `http`. The opposite does not
 * count.
 */
function isSameOrigin(origin: string, url: string): boolean {
  const page = URL.parse(origin);
  const request = new URL(url);
  return page !== null && page.host === request.host &&
    (page.protocol === request.protocol || page.protocol === "https:");
}
