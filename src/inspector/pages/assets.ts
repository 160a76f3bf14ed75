/**
 * Files that only the inspector's pages load.
 *
 * @module
 */
import { html } from "hono/html";
import type { Asset } from "../../web/assets.ts";
import type { Markup } from "../../web/shell.ts";
import css from "../inspector.css" with { type: "text" };
import { BASE } from "./paths.ts";

/** Beside those of all pages. */
export const INSPECTOR_ASSETS: readonly Asset[] = [
  ["/inspector.css", css, "text/css; charset=utf-8"],
];

/** How a page asks for them. */
export const INSPECTOR_STYLE: Markup = html`
  <link rel="stylesheet" href="${BASE}/inspector.css">
`;
