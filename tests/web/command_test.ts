/** @module */
import assert from "node:assert/strict";
import {
  curlThrough,
  proxyFacts,
  renderCommand,
} from "../../src/web/command.ts";
import { renderFacts } from "../../src/web/facts.ts";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";

Deno.test({
  ...needs("bash"),
  name: "curlThrough() is one command, whatever somebody called their tunnel",
  async fn() {
    const user = "jane+bob+it's; echo no '$(echo no)' \\";

    const { stdout } = await run("bash", [
      "-c",
      `curl() { printf '<%s>' "$@"; }; SALLYPORT_ACCESS_KEY=key; ${
        curlThrough({ address: "lab.test:8080", user })
      }`,
    ]);

    assert.equal(
      stdout,
      `<-x><http://lab.test:8080><-U><${user}:key><http://intranet/>`,
    );
  },
});

Deno.test("what is copied is shown escaped, and its button says what it copies", () => {
  const command = String(renderCommand("a < b", "curl command"));
  const facts = String(
    renderFacts(proxyFacts({ address: "lab.test:8080", user: "<b>" })),
  );

  assert.match(command, /<code>a &lt; b<\/code>/);
  assert.match(command, /aria-label="Copy curl command"/);
  assert.match(facts, /<code>&lt;b&gt;<\/code>/);
});
