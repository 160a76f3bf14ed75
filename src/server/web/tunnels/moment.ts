/**
 * Moments on pages, to the minute, in a time that is the same for everybody.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "../../../web/shell.ts";

/** `2026-11-28 15:04 UTC`, or `never`. */
export function renderMoment(milliseconds: number | undefined): Markup {
  if (milliseconds === undefined) return html`never`;
  const moment = new Date(milliseconds).toISOString();
  const text = moment.slice(0, 16).replace("T", " ");
  return html`<time datetime="${moment}">${text} UTC</time>`;
}
