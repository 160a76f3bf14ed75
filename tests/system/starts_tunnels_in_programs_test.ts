/** Promise: test programs start tunnels and test plugins, as the guide for programs shows. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { exampleOf } from "../testing/guide.ts";
import { findTool, needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import { run } from "../testing/process.ts";
import { startTestServer } from "../testing/running_system.ts";
import { USER } from "../testing/user.ts";

const ROOT = new URL("../../", import.meta.url);

/** Runs a program in a project of its own, with the command of Deno. */
async function runIn(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
) {
  const { imports } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  const module = new URL("mod.ts", ROOT).href;
  const config = {
    imports: {
      ...imports,
      "@sallyport/sallyport": module,
      "playwright": imports["playwright-core"],
    },
  };
  const folder = await Deno.realPath(await Deno.makeTempDir());
  await using _folder = {
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
  const all = { ...files, "deno.json": JSON.stringify(config) };
  for (const [name, text] of Object.entries(all)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  return await run(Deno.execPath(), args, {
    cwd: folder,
    env: { SALLYPORT_ACCESS_KEY: USER.key, NO_COLOR: "1" },
    ms: 120_000,
  });
}

Deno.test({
  ...needs("chromium"),
  name:
    "a program with Playwright starts a tunnel, and mocks a page for one test",
  async fn() {
    await using origin = await startOrigin();
    await using server = await startTestServer();
    const chromium = findTool("chromium");
    const program = await exampleOf("programs", {
      section: "Playwright",
      language: "ts ignore",
      replacements: {
        "chromium.launch({":
          `chromium.launch({ executablePath: "${chromium}", args: ["--no-sandbox"],`,
        "https://lab.example:8443": server.url,
        "jane": USER.name,
        'name: "checkout",':
          'name: "checkout", proxyLocalhost: "allow", hostOverride: ["*.test=127.0.0.1"],',
        "http://intranet.test/": `http://intranet.test:${origin.port}/`,
      },
    });

    const { code, stdout, stderr } = await runIn(
      { "main.ts": program, "ca.pem": server.ca?.pem ?? "" },
      ["run", "-qA", "--no-lock", "main.ts"],
    );

    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout, "mocked\nsallyport test origin\n\n");
  },
});

Deno.test("a plugin is tested without a tunnel", async () => {
  const test = await exampleOf("programs", {
    section: "A plugin alone",
    language: "ts ignore",
    replacements: {},
  });

  const { code, stdout, stderr } = await runIn(
    { "plugin_test.ts": test },
    ["test", "-qA", "--no-lock", "--no-check", "plugin_test.ts"],
  );

  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /1 passed \| 0 failed/);
});
