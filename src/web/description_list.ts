/**
 * Names and values, as a list of definitions.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "./shell.ts";

/** What it is called, and what it is. */
export type Fact = readonly [name: string, value: string | Markup];

/** Facts side by side, for a glance. */
export function renderFacts(facts: readonly Fact[]): Markup {
  return renderList(facts, "panel facts");
}

/** Facts below each other, for values that may be long. */
export function renderFields(facts: readonly Fact[]): Markup {
  return renderList(facts, "panel fields");
}

function renderList(facts: readonly Fact[], look: string): Markup {
  return html`
    <dl class="${look}">
      ${facts.map(([name, value]) =>
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
