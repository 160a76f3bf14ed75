/** @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { run } from "./process.ts";

const NEEDS = new URL("./needs.ts", import.meta.url).href;

/** What `needs("curl")` does on a machine without any tool. */
async function needsCurl(ci: string): ReturnType<typeof run> {
  const code = `import { needs } from ${JSON.stringify(NEEDS)};
    needs("curl"); console.log(needs("curl").ignore);`;
  return await run(Deno.execPath(), ["eval", code], {
    env: { PATH: fileURLToPath(new URL("./", import.meta.url)), CI: ci },
  });
}

Deno.test("needs() ignores a test and says once why", async () => {
  const { stdout } = await needsCurl("");

  assert.equal(
    stdout,
    `Without "curl" some tests are ignored; set CURL to its path\ntrue\n`,
  );
});

Deno.test("needs() fails in CI", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { code, stderr } = await needsCurl("true");

  assert.equal(code, 1);
  assert.match(stderr, /Cannot test with "curl"/);
});
