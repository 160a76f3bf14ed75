/**
 * Where a page stands: the pages above it.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "./shell.ts";

/** A page above. */
export type Step = readonly [path: string, name: string];

/** `Tunnels › lab › Stop` */
export function renderTrail(above: readonly Step[], here: string): Markup {
  return html`<p class="trail">${
    above.map(([path, name]) =>
      html`
        <a href="${path}">${name}</a> ›
      `
    )
  }${here}</p>`;
}
