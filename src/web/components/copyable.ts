/**
 * Text with a button that copies it. The button stays hidden where the browser
 * does not offer the clipboard.
 */
import { html } from "hono/html";
import type { Markup } from "../layout.ts";

/**
 * A command, or other text of several lines.
 *
 * @param name What is copied, for screen readers.
 */
export function renderCommand(text: string, name = "command"): Markup {
  return html`
    <div class="command">
      <pre tabindex="0"><code>${text}</code></pre>
      ${copyButton(name)}
    </div>
  `;
}

/** A few words within a line. */
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
