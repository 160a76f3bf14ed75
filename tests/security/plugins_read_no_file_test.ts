/** Promise: a plugin without permission reads nothing besides the code in its own folder. @module */
import assert from "node:assert/strict";
import { join } from "node:path";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { runProgram } from "../testing/process.ts";
import { startPluginProgram } from "./plugin_program.ts";

/** A plugin whose response is what `statements` leave in `stolen`. */
const thief = (statements: string, expression = "stolen"): string =>
  `${statements}
  export default { request: async () => new Response(String(await ${expression})) };`;

/** What `plugin test` says of a plugin, in a folder with others files. */
async function tried(
  text: string,
  { files = {}, permissions = "none" }: {
    readonly files?: Readonly<Record<string, string>>;
    readonly permissions?: string;
  } = {},
): Promise<string> {
  await using folder = await tempPlugins({ ...files, "plugins/p.ts": text });
  const { stdout, stderr } = await runProgram([
    "plugin",
    "test",
    folder.path("plugins/p.ts"),
    "--url=http://a.test/",
    `--plugin-permissions=${permissions.replace("FOLDER", folder.directory)}`,
  ]);
  return stdout + stderr;
}

Deno.test("the key of the CA, the users' hashes and passwords do not get out by an import", async () => {
  for (
    const [file, type] of [
      ["ca-key.pem", "text"],
      ["ca-key.pem", "bytes"],
      ["sallyport.db", "bytes"],
    ] as const
  ) {
    const start = startPluginProgram((dataDir) => {
      const path = JSON.stringify(join(dataDir, file));
      return thief(`import stolen from ${path} with { type: "${type}" };`);
    });

    await assert.rejects(start, (error) => {
      assert.ok(error instanceof Error);
      assert.match(
        error.message,
        /Cannot load plugin "[^"]*p\.js": it imports/,
      );
      assert.match(error.message, /\(p\.js:1:\d+\)/);
      return true;
    });
  }
  await using honest = await startPluginProgram(
    thief('import stolen from "./_words.js";'),
    { files: { "_words.js": 'export default "hello";' } },
  );
  assert.equal((await honest.get("/")).text, "hello");
});

Deno.test("nor by an import as the program runs, by reading, or by fetching", async () => {
  await using tunnel = await startPluginProgram((dataDir) => {
    const path = JSON.stringify(join(dataDir, "ca-key.pem"));
    return `export default { async request({ url }) {
      if (url.pathname === "/read") return new Response(await Deno.readTextFile(${path}));
      if (url.pathname === "/open") return new Response((await Deno.open(${path})).readable);
      if (url.pathname === "/fetch") return await fetch("file://" + ${path});
      return new Response("well");
    } };`;
  });

  for (const way of ["/read", "/open", "/fetch"]) {
    const page = await tunnel.get(way);

    assert.equal(page.status, 502, way);
    assert.match(page.text, /has no read access to/, way);
    assert.doesNotMatch(page.text, /PRIVATE KEY/, way);
  }
  assert.equal((await tunnel.get("/")).text, "well");
});

Deno.test("a plugin that may read a file reads it, and only then", async () => {
  const files = { "secret.txt": "open sesame" };
  const text = thief(
    "",
    'Deno.readTextFile(new URL("../secret.txt", import.meta.url))',
  );

  assert.match(
    await tried(text, { files, permissions: "read=FOLDER/secret.txt" }),
    / open sesame\n/,
  );
  const refused = await tried(text, { files });
  assert.match(refused, /has no read access to "[^"]*secret\.txt"/);
  assert.doesNotMatch(refused, /open sesame/);
});

const SECRETS = {
  "secret.ts": 'export default "open sesame";',
  "secret.json": '"open sesame"',
  "secret.txt": "open sesame",
};

for (
  const [what, statement, says] of [
    [
      "code beside its folder",
      'import stolen from "../secret.ts";',
      /not in its own folder/,
    ],
    [
      "data beside its folder",
      'import stolen from "../secret.json" with { type: "json" };',
      /not in its own folder/,
    ],
    [
      "code that is exported again",
      'export * from "../secret.ts"; const stolen = 1;',
      /not in its own folder/,
    ],
    [
      "code that is imported later",
      'const stolen = import("../secret.ts").then((all) => all.default);',
      /not in its own folder/,
    ],
    [
      "a file as text",
      'import stolen from "../secret.txt" with { type: "text" };',
      /neither TypeScript/,
    ],
    [
      "code as text",
      'import stolen from "./p.ts" with { type: "text" };',
      /as "text", remove the attribute/,
    ],
    [
      "a file by a computed name",
      'const stolen = import("../secret" + ".json", { with: { type: "json" } });',
      /it imports a computed name/,
    ],
    [
      "a file as CommonJS",
      'import stolen = require("../secret.json");',
      /it imports a computed name/,
    ],
    [
      "a file through a data: URL",
      `import stolen from "data:text/javascript,export default 1";`,
      /plugins load nothing from "data:"/,
    ],
  ] as const
) {
  Deno.test(`a plugin does not import ${what}`, async () => {
    const text = await tried(thief(statement), { files: SECRETS });

    assert.match(text, says);
    assert.match(
      text,
      /^sallyport: Cannot load plugin ".*p\.ts": .* \(p\.ts:1:\d+\)$/m,
    );
    assert.doesNotMatch(text, /open sesame/);
  });
}

Deno.test("a plugin imports from beside its folder what it may read", async () => {
  const text = thief(
    'import stolen from "../secret.json" with { type: "json" };',
  );

  assert.match(
    await tried(text, {
      files: SECRETS,
      permissions: "read=FOLDER/secret.json",
    }),
    / open sesame\n/,
  );
});

Deno.test("a link in the folder leads to nothing outside", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await tempPlugins({
    "secret.json": '"open sesame"',
    "plugins/own.json": '"my own"',
    "plugins/p.js": thief(
      'import stolen from "./a.json" with { type: "json" };',
    ),
  });
  const link = folder.path("plugins/a.json");
  const test = () =>
    runProgram([
      "plugin",
      "test",
      folder.path("plugins/p.js"),
      "--url=http://a.test/",
    ]);

  await Deno.symlink(folder.path("plugins/own.json"), link);
  const own = await test();
  await Deno.remove(link);
  await Deno.symlink(folder.path("secret.json"), link);
  const far = await test();

  assert.match(own.stdout, / my own\n/);
  assert.match(far.stderr, /a\.json", which is not in its own folder/);
  assert.doesNotMatch(far.stdout + far.stderr, /open sesame/);
});

Deno.test("what other programs keep in hidden folders beside a plugin is not its own", async () => {
  const text = await tried(
    thief('import stolen from "./.docker/config.json" with { type: "json" };'),
    { files: { "plugins/.docker/config.json": '"open sesame"' } },
  );

  assert.match(text, /not in its own folder/);
  assert.doesNotMatch(text, /open sesame/);
});
