/**
 * Keeps pages of other sites from changing anything here.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { Problem } from "../api/problem.ts";
import type { ApiEnv } from "../api/serve.ts";

/**
 * Refuses requests that change something and that a browser sent for a page of
 * another site: browsers add the credentials they remember by themselves.
 */
export function refuseCrossSite(): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(
    async function refuseCrossSite({ req }, next) {
      const site = req.header("sec-fetch-site") ?? "none";
      const isSafe = req.method === "GET" || req.method === "HEAD";
      if (!isSafe && site !== "same-origin" && site !== "none") {
        throw new Problem(
          403,
          "Cannot accept the request: it was sent from a page of another site",
        );
      }
      await next();
    },
  );
}
