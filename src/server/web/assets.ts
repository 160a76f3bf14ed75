/**
 * Files that only the server's pages load: charts.
 *
 * @module
 */
import chartCss from "uplot/dist/uPlot.min.css" with { type: "text" };
import chartScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import type { Asset } from "../../web/assets.ts";
import script from "./tunnels/page.js" with { type: "text" };

/** Nobody needs to be signed in for them. */
export const SERVER_ASSETS: readonly Asset[] = [
  ["/page.js", script, "text/javascript; charset=utf-8"],
  ["/chart.css", chartCss, "text/css; charset=utf-8"],
  ["/chart.js", chartScript, "text/javascript; charset=utf-8"],
];
