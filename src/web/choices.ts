/**
 * Choices of a form.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "./shell.ts";

/** What is sent, and what it means. */
export type Choice<Value extends string = string> = readonly [
  value: Value,
  text: string,
];

/** The options of a `select`. */
export function renderChoices(
  choices: readonly Choice[],
  chosen: string,
): readonly Markup[] {
  return choices.map(([value, text]) =>
    html`<option value="${value}" ${
      value === chosen ? "selected" : ""
    }>${text}</option>`
  );
}
