import { html } from "hono/html";
import type { Markup } from "../layout.ts";

/**
 * A state in words. The style sheet gives it a colour and, because not everyone
 * sees colours, a mark.
 */
export interface StateLabel {
  readonly className:
    | "good"
    | "waiting"
    | "ending"
    | "ended"
    | "odd"
    | "bad";
  readonly text: string;
}

/** The label. */
export function renderState({ className, text }: StateLabel): Markup {
  return html`<span class="state ${className}">${text}</span>`;
}
