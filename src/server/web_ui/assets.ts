/**
 * Files that the pages load: style, scripts, icon. All come with the program.
 *
 * @module
 */
import { Hono } from "hono";
import chartCss from "uplot/dist/uPlot.min.css" with { type: "text" };
import chartScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import type { ApiEnv } from "../../api/serve.ts";
import icon from "./icon.svg" with { type: "text" };
import css from "./page.css" with { type: "text" };
import script from "./page.js" with { type: "text" };

/** Path, content, type. */
const ASSETS: readonly (readonly [string, string, string])[] = [
  ["/page.css", css, "text/css; charset=utf-8"],
  ["/page.js", script, "text/javascript; charset=utf-8"],
  ["/chart.css", chartCss, "text/css; charset=utf-8"],
  ["/chart.js", chartScript, "text/javascript; charset=utf-8"],
  ["/icon.svg", icon, "image/svg+xml"],
];

/** A route for each file; nobody needs to be signed in for them. */
export function assetRoutes(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  for (const [path, content, type] of ASSETS) {
    app.get(
      path,
      (context) => context.body(content, 200, { "Content-Type": type }),
    );
  }
  return app;
}
