import assert from "node:assert/strict";
import { renderDescriptionGrid } from "../../../src/web/components/description_list.ts";
import {
  curlCommand,
  describeProxy,
} from "../../../src/web/components/proxy_settings.ts";
import { needs } from "../../testing/needs.ts";
import { run } from "../../testing/process.ts";

Deno.test({
  ...needs("bash"),
  name: "curlCommand() quotes any name of a tunnel",
  async fn() {
    const user = "jane+bob+it's; echo no '$(echo no)' \\";

    const { stdout } = await run("bash", [
      "-c",
      `curl() { printf '<%s>' "$@"; }; SALLYPORT_ACCESS_KEY=key; ${
        curlCommand({ url: "http://lab.test:8080", user })
      }`,
    ]);

    assert.equal(
      stdout,
      `<-x><http://lab.test:8080><-U><${user}:key><http://intranet/>`,
    );
  },
});

Deno.test("describeProxy() are shown escaped, each with a button to copy it", () => {
  const facts = String(
    renderDescriptionGrid(
      describeProxy({ url: "http://lab.test:8080", user: "<b>" }),
    ),
  );

  assert.match(facts, /<code>&lt;b&gt;<\/code>/);
  assert.match(facts, /aria-label="Copy proxy address"/);
  assert.match(facts, /aria-label="Copy user name"/);
});
