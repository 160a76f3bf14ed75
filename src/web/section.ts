/**
 * Parts of a page under a heading of their own.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "./shell.ts";

/** What stands under a heading. */
export interface SectionContent {
  /** `undefined` if there is nothing to show. */
  readonly content: Markup | undefined;
  /** The sentence that says so then. */
  readonly none: string;
}

/** A heading, and what there is or that there is nothing. */
export function renderSection(
  title: string,
  { content, none }: SectionContent,
): Markup {
  return html`
    <h2>${title}</h2>
    ${content ?? html`<p class="hint">${none}</p>`}
  `;
}
