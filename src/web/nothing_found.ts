/**
 * What stands in the place of a list that was narrowed to nothing.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "./shell.ts";

/** Says what is not there, what is looked through, and leads back to the whole list. */
export function renderNothingFound(
  { what, where, all }: {
    readonly what: string;
    readonly where: string;
    /** Path of the whole list. */
    readonly all: string;
  },
): Markup {
  return html`
    <div class="panel empty">
      <p>${what}</p>
      <p>${where} <a href="${all}">Show all</a></p>
    </div>
  `;
}
