import { Hono } from "hono";
import type { ApiEnv } from "../api/serving/serve.ts";
import icon from "./icon.svg" with { type: "text" };
import script from "./live/live.js" with { type: "text" };
import css from "./page.css" with { type: "text" };

/** A file that pages load. All are embedded in the program. */
export type Asset = readonly [path: string, content: string, type: string];

/** The files that every page loads. */
const SHARED_ASSETS: readonly Asset[] = [
  ["/page.css", css, "text/css; charset=utf-8"],
  ["/live.js", script, "text/javascript; charset=utf-8"],
  ["/icon.svg", icon, "image/svg+xml"],
];

/** A route for each shared file, and for each of `more`. */
export function assetRoutes(more: readonly Asset[] = []): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  for (const [path, content, type] of [...SHARED_ASSETS, ...more]) {
    app.get(
      path,
      (context) => context.body(content, 200, { "Content-Type": type }),
    );
  }
  return app;
}
