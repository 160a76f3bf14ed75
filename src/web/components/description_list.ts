/** Names and values, as a description list (`dl`). */
import { html } from "hono/html";
import type { Markup } from "../layout.ts";

/** A name and its value. */
export type Description = readonly [name: string, value: string | Markup];

/** Short values, side by side. */
export function renderDescriptionGrid(items: readonly Description[]): Markup {
  return renderList(items, "panel grid");
}

/** Values that may be long, one below the other. */
export function renderDescriptionRows(items: readonly Description[]): Markup {
  return renderList(items, "panel rows");
}

function renderList(items: readonly Description[], className: string): Markup {
  return html`
    <dl class="${className}">
      ${items.map(([name, value]) =>
        html`
          <div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>
        `
      )}
    </dl>
  `;
}
