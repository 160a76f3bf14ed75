/** Promise: an installed package is a plugin if an option allows it, and nothing is downloaded for one. @module */
import assert from "node:assert/strict";
import { type TempPlugins, tempPlugins } from "../plugin/temp_plugins.ts";
import { get } from "../testing/browser.ts";
import { runProgram, startProgram } from "../testing/process.ts";
import { CLIENT_ENV, clientArgs, startServerProgram } from "./programs.ts";

const PACKAGE = "node_modules/@lab/mocks";

/** A package with two files and a schema. */
async function installPackage(): Promise<TempPlugins> {
  return await tempPlugins({
    [`${PACKAGE}/package.json`]: JSON.stringify({
      name: "@lab/mocks",
      version: "1.2.0",
      type: "module",
      exports: "./dist/index.js",
    }),
    [`${PACKAGE}/dist/index.js`]: `import { z } from "zod";
import { greet } from "../lib/greet.js";
export const options = z.object({ who: z.string() });
export default {
  request: (_, { options: { who } }) => new Response(greet(who)),
};
`,
    [`${PACKAGE}/lib/greet.js`]:
      'export const greet = (who) => "hello " + who;\n',
  });
}

/** A list with the package. */
function listOf(specifier: string, allow: string): string {
  return JSON.stringify([
    { use: specifier, allow, options: { who: "jane" } },
  ]);
}

for (const allow of ["none", "trusted"]) {
  Deno.test(`a package runs as a plugin, with its files and options (${allow})`, async () => {
    await using server = await startServerProgram();
    await using files = await installPackage();
    await using client = startProgram([
      ...clientArgs(server),
      "--allow-npm-plugins",
      `--plugins=${listOf("npm:@lab/mocks@1.2.0", allow)}`,
    ], { cwd: files.directory, env: CLIENT_ENV });
    await client.event("Sallyport is up, you may start your tests");

    const { text } = await get("http://any.test/", server.proxy);

    assert.equal(text, "hello jane");
    assert.equal(
      client.log.matching("plugin loaded", { plugin: "mocks" }).length,
      1,
    );
  });
}

Deno.test("a package that is not allowed, or not installed, stops the start with what to do", async () => {
  await using files = await installPackage();
  const start = async (specifier: string, ...more: readonly string[]) => {
    const { code, stderr } = await runProgram([
      "run",
      "--server=https://127.0.0.1:1",
      "--username=jane",
      "--tunnel-name=lab",
      `--plugins=${listOf(specifier, "none")}`,
      ...more,
    ], { cwd: files.directory, env: CLIENT_ENV });
    assert.equal(code, 1);
    return stderr;
  };

  assert.equal(
    await start("npm:@lab/mocks"),
    'sallyport: Cannot load plugin "npm:@lab/mocks": packages may not be ' +
      "plugins, allow it with --allow-npm-plugins\n",
  );
  assert.match(
    await start("npm:@lab/mocks@1.3.0", "--allow-npm-plugins"),
    /it is not installed, run "npm install @lab\/mocks@1\.3\.0" in the folder/,
  );
});

Deno.test("a package that brings only the names of its dependencies is refused", async () => {
  await using files = await installPackage();
  await files.write(`${PACKAGE}/lib/greet.js`, 'import "left-pad";\n');

  const { code, stderr } = await runProgram([
    "run",
    "--server=https://127.0.0.1:1",
    "--username=jane",
    "--tunnel-name=lab",
    "--allow-npm-plugins",
    `--plugins=${listOf("npm:@lab/mocks", "trusted")}`,
  ], { cwd: files.directory, env: CLIENT_ENV });

  assert.equal(code, 1);
  assert.match(
    stderr,
    /Cannot load plugin "npm:@lab\/mocks": it imports "left-pad", but .* \(greet\.js:1:8\)/,
  );
});
