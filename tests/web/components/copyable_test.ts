import assert from "node:assert/strict";
import {
  renderCommand,
  renderCopyable,
} from "../../../src/web/components/copyable.ts";

Deno.test("what is copied is shown escaped, and its button says what it copies", () => {
  const command = String(renderCommand("a < b", "curl command"));
  const id = String(renderCopyable("<b>", "id of the tunnel"));

  assert.match(command, /<code>a &lt; b<\/code>/);
  assert.match(command, /aria-label="Copy curl command"/);
  assert.match(id, /<code>&lt;b&gt;<\/code>/);
  assert.match(id, /aria-label="Copy id of the tunnel"/);
});
