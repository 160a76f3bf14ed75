/**
 * Files that pages load: style, scripts, icon. All come with the program.
 *
 * @module
 */
import { Hono } from "hono";
import type { ApiEnv } from "../api/serving/serve.ts";
import icon from "./icon.svg" with { type: "text" };
import script from "./live.js" with { type: "text" };
import css from "./page.css" with { type: "text" };

/** Path, content, type. */
export type Asset = readonly [path: string, content: string, type: string];

/** What every page loads. */
const SHARED_ASSETS: readonly Asset[] = [
  ["/page.css", css, "text/css; charset=utf-8"],
  ["/live.js", script, "text/javascript; charset=utf-8"],
  ["/icon.svg", icon, "image/svg+xml"],
];

/** A route for each file: those of all pages, and `more`. */
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
