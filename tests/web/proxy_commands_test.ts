/** @module */
import assert from "node:assert/strict";
import { renderFacts } from "../../src/web/description_list.ts";
import { curlThrough, proxyFacts } from "../../src/web/proxy_commands.ts";
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

Deno.test("proxyFacts() are shown escaped, each with a button to copy it", () => {
  const facts = String(
    renderFacts(proxyFacts({ address: "lab.test:8080", user: "<b>" })),
  );

  assert.match(facts, /<code>&lt;b&gt;<\/code>/);
  assert.match(facts, /aria-label="Copy proxy address"/);
  assert.match(facts, /aria-label="Copy user name"/);
});
