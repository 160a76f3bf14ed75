/**
 * Keeps pages of other sites from changing anything here.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { Problem } from "../api/serving/problem.ts";
import type { ApiEnv } from "../api/serving/serve.ts";

/**
 * Refuses requests that change something and that a browser sent for a page of
 * another site: browsers add the credentials they remember by themselves.
 *
 * `Sec-Fetch-Site` says which page sent it (W3C Fetch Metadata). Browsers that
 * do not send it say it in `Origin` (RFC 6454 §7.2). A request with neither is
 * no browser's.
 */
export function refuseCrossSite(): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(
    async function refuseCrossSite({ req }, next) {
      const isSafe = req.method === "GET" || req.method === "HEAD";
      const site = req.header("sec-fetch-site");
      const origin = req.header("origin");
      const isOurs = site === undefined
        ? origin === undefined || isOriginOf(origin, req.url)
        : site === "same-origin" || site === "none";
      if (!isSafe && !isOurs) {
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
 * Whether a page of `origin` is one of ours. Where a reverse proxy ends the TLS
 * the page has `https` and the request `http`; the other way round is not ours.
 */
function isOriginOf(origin: string, url: string): boolean {
  const page = URL.parse(origin);
  const asked = new URL(url);
  return page !== null && page.host === asked.host &&
    (page.protocol === asked.protocol || page.protocol === "https:");
}
