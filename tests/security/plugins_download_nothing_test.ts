/** Promise: a plugin downloads no code, and the program's lock file stays as it is. @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { type Exit, run, runProgram } from "../testing/process.ts";

const LOCK = fileURLToPath(new URL("../../deno.lock", import.meta.url));

/** A registry of packages that only counts who asks. */
interface Registry extends AsyncDisposable {
  /** What makes Deno ask it. */
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  readonly asked: number;
}

async function startRegistry(): Promise<Registry> {
  await using stack = new AsyncDisposableStack();
  let asked = 0;
  const server = stack.adopt(
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      asked += 1;
      return new Response("no such package", { status: 404 });
    }),
    (each) => each.shutdown(),
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  // For one scope: the packages of the program are where they were.
  const home = stack.use(
    await tempPlugins({ ".npmrc": `@sallyport-test:registry=${url}\n` }),
  );
  const { stdout } = await run(Deno.execPath(), ["info", "--json"]);
  const parts = stack.move();
  return {
    env: {
      HOME: home.directory,
      DENO_DIR: JSON.parse(stdout).denoDir,
      JSR_URL: url,
    },
    url,
    get asked() {
      return asked;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** A package that is in nobody's cache. */
const PACKAGE = "npm:@sallyport-test/none@1";

async function tryPlugin(
  text: string,
  { env }: Registry,
  permissions: string,
): Promise<Exit> {
  await using folder = await tempPlugins({ "p.js": text });
  return await runProgram([
    "plugin",
    "test",
    folder.path("p.js"),
    "--url=http://a.test/",
    `--plugin-permissions=${permissions}`,
  ], { env });
}

Deno.test("the registry of this test is where a download goes", async () => {
  await using registry = await startRegistry();

  const code = `await import("${PACKAGE}").catch(() => {})`;
  await run(Deno.execPath(), ["eval", code], { env: registry.env });

  assert.notEqual(registry.asked, 0);
});

for (const permissions of ["none", "net", "trusted"]) {
  for (
    const [what, text] of [
      ["a package", () => `import "${PACKAGE}";`],
      ["a package later", () => `const later = () => import("${PACKAGE}");`],
      ["a package of JSR", () => 'import "jsr:@sallyport/no-such-package@1";'],
      ["a URL", ({ url }: Registry) => `import "${url}a.js";`],
      [
        "a URL by another module",
        ({ url }: Registry) =>
          `import "data:text/javascript,${
            encodeURIComponent(`import "${url}a.js";`)
          }";`,
      ],
      ["a package of the program", () => 'import "prom-client";'],
      [
        "what it computes",
        () => `const later = (name) => import("npm:" + name);`,
      ],
    ] as const
  ) {
    Deno.test(`a plugin (${permissions}) that imports ${what} is not loaded`, async () => {
      await using registry = await startRegistry();
      const before = await Deno.readTextFile(LOCK);

      const { code, stderr } = await tryPlugin(
        `${
          text(registry)
        } export default { request: () => new Response("in") };`,
        registry,
        permissions,
      );

      assert.equal(code, 1);
      assert.match(
        stderr,
        /^sallyport: Cannot load plugin ".*p\.js": it imports [^\n]* \(p\.js:1:\d+\)\n$/,
      );
      assert.equal(registry.asked, 0);
      assert.equal(await Deno.readTextFile(LOCK), before);
    });
  }
}

Deno.test("a plugin does not get around the check by making code of text", async () => {
  await using registry = await startRegistry();
  const code = JSON.stringify(`import("${PACKAGE}")`);

  for (
    const way of [
      `eval(${code})`,
      `(0, eval)(${code})`,
      `new Function("return " + ${code})()`,
      `(async () => {}).constructor("return " + ${code})()`,
      `(function* () {}).constructor(${code})().next()`,
      `(async function* () {}).constructor("await " + ${code})().next()`,
      `Object.getPrototypeOf((async () => {}).constructor)(${code})()`,
      `setTimeout(${code}, 0)`,
      `setInterval(${code}, 0)`,
      `new Worker(URL.createObjectURL(new Blob([${code}])), { type: "module" })`,
      `process.getBuiltinModule("vm").runInThisContext(${code})`,
      `Deno[Deno.internal].core.evalContext(${code}, "file:///a.js")`,
    ]
  ) {
    const { code, stdout } = await tryPlugin(
      `export default { async request() {
        await ${way};
        await new Promise((resolve) => setTimeout(resolve, 50));
        return new Response("in");
      } };`,
      registry,
      "none",
    );

    assert.equal(code, 1, `${way}\n${stdout}`);
    assert.match(stdout, /\nCannot run hook "request" of plugin "p": /, way);
  }
  assert.equal(registry.asked, 0);
});

Deno.test("a plugin has what needs no download: its files, zod, and harmless modules of Node.js", async () => {
  await using registry = await startRegistry();

  const { code, stdout } = await tryPlugin(
    `import { z } from "zod";
    import { join } from "node:path";
    export const options = z.object({ name: z.string().default("zod") });
    export default {
      request: (_, { options }) => new Response(join("a", options.name)),
    };`,
    registry,
    "none",
  );

  assert.equal(code, 0, stdout);
  assert.match(stdout, / a\/zod\n/);
  assert.equal(registry.asked, 0);
});
