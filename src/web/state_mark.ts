/**
 * A state in a word, with the mark and the colour of its look.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "./shell.ts";

/**
 * The state.
 *
 * @param look A word of the style sheet: `good`, `waiting`, `ending`, `ended`, `odd`, `bad`.
 */
export function renderState(look: string, text: string): Markup {
  return html`<span class="state ${look}">${text}</span>`;
}
