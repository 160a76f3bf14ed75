import assert from "node:assert/strict";
import {
  powerShellQuoted,
  renderShellCommand,
} from "../../../src/web/components/shell_command.ts";

Deno.test("renderShellCommand() has both commands, escaped, each with a button", () => {
  const page = String(
    renderShellCommand({ sh: "a '<b>'", powershell: 'c "<d>"' }, "command"),
  );

  assert.match(page, /<code>a &#39;&lt;b&gt;&#39;<\/code>/);
  assert.match(page, /<summary>PowerShell \(Windows\)<\/summary>/);
  assert.match(page, /<code>c &quot;&lt;d&gt;&quot;<\/code>/);
  assert.match(page, /aria-label="Copy command"/);
  assert.match(page, /aria-label="Copy command for PowerShell"/);
});

Deno.test("powerShellQuoted() doubles whatever PowerShell takes as a quote", () => {
  assert.equal(powerShellQuoted("it's ’$a"), "'it''s ’’$a'");
});
