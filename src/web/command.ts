/**
 * Text to copy, with a button for it where browsers lend the clipboard.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "./shell.ts";

/**
 * A command, or whatever takes lines.
 *
 * @param name What is copied, for those who do not see what the button stands beside.
 */
export function renderCommand(text: string, name = "command"): Markup {
  return html`
    <div class="command">
      <pre tabindex="0"><code>${text}</code></pre>
      ${copyButton(name)}
    </div>
  `;
}

/** A few words in a line. */
export function renderCopyable(text: string, name: string): Markup {
  return html`<span class="copyable"><code>${text}</code>${
    copyButton(name)
  }</span>`;
}

function copyButton(name: string): Markup {
  return html`
    <button type="button" data-copy="${name}" hidden
      aria-label="Copy ${name}">Copy</button>
  `;
}
