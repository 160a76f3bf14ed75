/** A command for every system: shells of Linux and macOS, and PowerShell of Windows. */
import { html } from "hono/html";
import type { Markup } from "../layout.ts";
import { renderCommand } from "./copyable.ts";

/** The same command, as each shell takes it. */
export interface ShellCommand {
  /** For sh, bash, zsh. */
  readonly sh: string;
  /** For PowerShell 5.1 and later. */
  readonly powershell: string;
}

/** The command; the one for PowerShell is folded away. @param name What is copied, for screen readers. */
export function renderShellCommand(
  { sh, powershell }: ShellCommand,
  name = "command",
): Markup {
  return html`
    ${renderCommand(sh, name)}
    <details class="shell">
      <summary>PowerShell (Windows)</summary>
      ${renderCommand(powershell, `${name} for PowerShell`)}
    </details>
  `;
}

/** Any text as one word of PowerShell. It takes typographic quotes as quotes, too. */
export function powerShellQuoted(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201b]/g, "$&$&")}'`;
}
