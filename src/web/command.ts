/**
 * Text to copy, with a button for it where browsers lend the clipboard.
 *
 * @module
 */
import { html } from "hono/html";
import type { Fact } from "./facts.ts";
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

/** What a browser must be told to use a proxy. */
export function proxyFacts(
  { address, user }: { readonly address: string; readonly user: string },
): readonly Fact[] {
  return [
    ["Proxy", renderCopyable(address, "proxy address")],
    ["User name", renderCopyable(user, "user name")],
    ["Password", "your access key"],
  ];
}

/** How curl asks for a page through a proxy, with the access key from the environment. */
export function curlThrough(
  { address, user }: { readonly address: string; readonly user: string },
): string {
  // Names of tunnels may have quotes, and other people gave them.
  const quoted = `${user}:`.replaceAll("'", "'\\''");
  return `curl -x http://${address} \\\n` +
    `  -U '${quoted}'"$SALLYPORT_ACCESS_KEY" http://intranet/`;
}
