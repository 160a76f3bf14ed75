import assert from "node:assert/strict";
import { renderDescriptionGrid } from "../../../src/web/components/description_list.ts";
import {
  curlCommand,
  describeProxy,
} from "../../../src/web/components/proxy_settings.ts";
import { needs } from "../../testing/needs.ts";
import { PowerShellReader } from "../../testing/powershell.ts";
import { run } from "../../testing/process.ts";

Deno.test({
  ...needs("bash"),
  name: "curlCommand() quotes any name of a tunnel",
  async fn() {
    const user = "jane+bob+it's; echo no '$(echo no)' \\";

    const { stdout } = await run("bash", [
      "-c",
      `curl() { printf '<%s>' "$@"; }; SALLYPORT_ACCESS_KEY=key; ${
        curlCommand({ url: "http://lab.test:8080", user }).sh
      }`,
    ]);

    assert.equal(
      stdout,
      `<-x><http://lab.test:8080><-U><${user}:key><http://intranet/>`,
    );
  },
});

Deno.test("curlCommand() is one command of PowerShell for any name of a tunnel", async () => {
  using reader = await PowerShellReader.load();
  const user = "jane+bob+it's; ‘$(no)’ `";

  const { powershell } = curlCommand({ url: "https://lab.test", user });

  const { isCorrect, literals } = reader.read(powershell);
  assert.ok(isCorrect, powershell);
  assert.deepEqual(literals, [`${user}:`]);
});

Deno.test("curlCommand() trusts a CA of the server for a proxy with TLS only", () => {
  for (const scheme of ["http", "https"]) {
    const url = `${scheme}://lab.test`;
    const commands = curlCommand({ url, user: "jane", hasOwnCa: true });
    for (const command of Object.values(commands)) {
      assert.equal(
        command.includes(`${url} --proxy-cacert ca.pem `),
        scheme === "https",
      );
    }
  }
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
