/* From files to plugins that run, and the errors for users. */
import assert from "node:assert/strict";
import { PluginError } from "../../../src/plugin/api/errors.ts";
import { startPlugins } from "../../../src/plugin/host/plugins.ts";
import { answerText, contextOf, echo, requestOf } from "../exchanges.ts";
import { recordLog } from "../../testing/event_log.ts";
import { started, TRUSTED } from "../started.ts";
import { tempPlugins } from "../temp_plugins.ts";

/** What `startPlugins` says about a folder with one file. */
async function complaint(
  source: string,
  options: unknown = {},
): Promise<string> {
  await using files = await tempPlugins({ "bad.ts": source });
  const file = files.path("bad.ts");
  try {
    await using _plugins = await startPlugins({
      plugins: [{ use: file, options }],
      permissions: TRUSTED,
      timeBudget: 300,
    });
  } catch (error) {
    assert.ok(error instanceof PluginError);
    return error.message.replace(file, "bad.ts");
  }
  throw new Error("It was loaded");
}

Deno.test("startPlugins() loads TypeScript, its imports, and skips imports of types", async () => {
  await using world = await started({
    "a.ts": `
      import type { Plugin } from "./nowhere.ts";
      import { text } from "./lib/text.ts";
      export default {
        response({ headers }) { headers.set("X-Text", text); },
      } satisfies Plugin;`,
    "lib/text.ts": `export const text: string = "from lib";`,
    "_shared.ts": "export const nothing = 0;",
    "a_test.ts": "throw new Error('tests are no plugins');",
    "README.md": "Not a plugin.",
  });

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  assert.deepEqual(world.plugins.names, ["a"]);
  assert.equal(response.fields.get("x-text"), "from lib");
});

Deno.test("startPlugins() orders plugins by file name, then files as they are given", async () => {
  const adding = (word: string) =>
    `export default { request({ url }) {
      url.pathname += "${word}";
    } };`;
  await using files = await tempPlugins({
    "plugins/20_b.js": adding("b"),
    "plugins/10_a.js": adding("a"),
    "z.js": adding("z"),
    "y.js": adding("y"),
  });
  await using plugins = await startPlugins({
    directories: [files.path("plugins")],
    plugins: [{ use: files.path("z.js") }, { use: files.path("y.js") }],
    permissions: TRUSTED,
    watch: false,
  });

  const response = await plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  assert.deepEqual(plugins.names, ["10_a", "20_b", "z", "y"]);
  assert.equal(await answerText(response), "GET http://a.test/abzy");
});

Deno.test.each([
  [
    "export default {\n  request(r { }\n};",
    'Cannot load plugin "bad.ts": Unexpected token, expected "," (bad.ts:2:13)',
  ],
  [
    `import { x } from "./missing.ts";\nexport default { setup() { x(); } };`,
    'Cannot load plugin "bad.ts": Module not found "missing.ts" (bad.ts:1:19)',
  ],
  [
    "const a: number = 1;\n\nthrow new Error('boom ' + a);",
    'Cannot load plugin "bad.ts": boom 1 (bad.ts:3:7)',
  ],
  [
    "export default { reslove() {} };",
    'Cannot load plugin "bad.ts": unknown hook "reslove", did you mean "resolve"?',
  ],
  [
    "export default {\n  setup() {\n    throw new Error('no');\n  },\n};",
    'Cannot run hook "setup" of plugin "bad": no (bad.ts:3:11)',
  ],
  [
    "export default { setup() { return new Promise(() => {}); } };",
    'Cannot run hook "setup" of plugin "bad": it takes longer than 300 ms',
  ],
])("startPlugins() names file, line and hook: %#", async (source, expected) => {
  assert.equal(await complaint(source), expected);
});

Deno.test("startPlugins() names a file that is not there", async () => {
  await assert.rejects(
    startPlugins({ plugins: [{ use: "nowhere.ts" }], permissions: TRUSTED }),
    {
      message:
        'Cannot load plugin "nowhere.ts": there is no such file or folder',
    },
  );
});

Deno.test("startPlugins() names a folder that is not there", async () => {
  await assert.rejects(
    startPlugins({ directories: ["nowhere"], permissions: TRUSTED }),
    {
      message:
        'Cannot load plugins of "nowhere": it is not a readable folder, choose another folder',
    },
  );
});

const WITH_SCHEMA = `
  import { z } from "zod";
  export const options = z.strictObject({
    names: z.record(z.string(), z.string()),
    limit: z.int().default(3),
  });
  export default {
    resolve(hostname, { options: { names, limit } }) {
      return [names[hostname] ?? "10.0.0." + limit];
    },
  };`;

Deno.test("options are checked by the plugin's own schema, and completed by it", async () => {
  await using world = await started({ "a.ts": WITH_SCHEMA }, {
    uses: { "a.ts": { options: { names: { "shop.test": "10.1.1.1" } } } },
  });

  assert.deepEqual(await world.plugins.resolve("shop.test", contextOf()), [
    "10.1.1.1",
  ]);
  assert.deepEqual(await world.plugins.resolve("b.test", contextOf()), [
    "10.0.0.3",
  ]);
});

Deno.test("options that the schema refuses are named", async () => {
  assert.equal(
    await complaint(WITH_SCHEMA, { names: { a: 1 }, limit: "3", limt: 3 }),
    'Cannot use options.names.a of plugin "bad": ' +
      "Invalid input: expected string, received number\n" +
      'Cannot use options.limit of plugin "bad": ' +
      "Invalid input: expected number, received string\n" +
      'Cannot use options.limt of plugin "bad": ' +
      'unknown option, did you mean "limit"?',
  );
});

Deno.test("when the third plugin fails, the first two are disposed, the last one first", async () => {
  const noisy = `let log; export default {
    setup(context) { log = context.log; },
    async [Symbol.asyncDispose]() { log.info("down"); },
  };`;
  await using log = await recordLog();
  await using files = await tempPlugins({
    "a.js": noisy,
    "b.js": noisy,
    "c.js": "export default { setup() { throw 'no'; } };",
  });

  await assert.rejects(
    startPlugins({ directories: [files.directory], permissions: TRUSTED }),
    { message: 'Cannot run hook "setup" of plugin "c": no' },
  );

  assert.deepEqual(log.matching("down").map(({ fields }) => fields), [
    { plugin: "b" },
    { plugin: "a" },
  ]);
});

Deno.test("two plugins cannot have the same name", async () => {
  await using files = await tempPlugins({
    "a.js": "export default {};",
    "b.js": "export default { name: 'a' };",
  });

  await assert.rejects(
    startPlugins({ directories: [files.directory], permissions: TRUSTED }),
    /b\.js": ".*a\.js" also has the name "a", give one of them another with "name" in the list of plugins$/,
  );
});

Deno.test("one file is several plugins, each with its name, options, requests and time", async () => {
  await using files = await tempPlugins({
    "mark.js": `export default {
      match: { host: "*.test" },
      async request({ headers }, { name, options: { text, late } }) {
        if (late) await new Promise(() => {});
        headers.set("Seen", (headers.get("seen") ?? "") + name + text);
      },
    };`,
  });
  const use = files.path("mark.js");
  await using plugins = await startPlugins({
    plugins: [
      { use, name: "b", options: { text: 1 } },
      { use, name: "a", options: { text: 2 }, match: { path: "/x" } },
      { use, name: "c", options: { late: true }, match: { path: "/late" } },
      { use, name: "d", match: { host: "elsewhere" }, options: { text: 9 } },
    ].map((each) => ({ ...each, timeout: each.name === "c" ? 50 : undefined })),
    permissions: TRUSTED,
    watch: false,
  });
  const ask = async (url: string) =>
    await answerText(
      await plugins.intercept(echo)(requestOf(url), contextOf()),
    );

  assert.deepEqual(plugins.names, ["b", "a", "c", "d"]);
  assert.equal(await ask("http://a.test/"), "GET http://a.test/\nSeen: b1");
  assert.equal(await ask("http://a.test/x"), "GET http://a.test/x\nSeen: b1a2");
  assert.equal(await ask("http://elsewhere/"), "GET http://elsewhere/");
  await assert.rejects(ask("http://a.test/late"), {
    message:
      'Cannot run hook "request" of plugin "c": it takes longer than 50 ms',
  });
});

Deno.test("an object of a class is a plugin with state and helpers", async () => {
  await using world = await started({
    "a.js": `class Counter {
      count = 0;
      request({ headers }) { headers.set("Count", String(this.next())); }
      next() { return this.count += 1; }
    }
    export default new Counter();`,
  }, { permissions: [] });
  const ask = async () =>
    await answerText(
      await world.plugins.intercept(echo)(
        requestOf("http://a.test/"),
        contextOf(),
      ),
    );

  await ask();
  assert.equal(await ask(), "GET http://a.test/\nCount: 2");
});

for (const permissions of [TRUSTED, []]) {
  const place = permissions === TRUSTED ? "trusted" : "sandboxed";
  Deno.test(`a plugin whose setup fails closes what it opened, and only that failure is reported (${place})`, async () => {
    await using log = await recordLog();
    await using files = await tempPlugins({
      "a.js": `let server; let log; export default {
        setup(context) { log = context.log; server = connect(); },
        async [Symbol.asyncDispose]() { log.info("closing"); server.close(); },
      };
      function connect() { throw new Error("no server"); }`,
    });

    await assert.rejects(
      startPlugins({ directories: [files.directory], permissions }),
      { message: /^Cannot run hook "setup" of plugin "a": no server \(a\.js/ },
    );

    assert.equal(log.matching("closing").length, 1);
    assert.deepEqual(
      log.all.filter(({ level }) => level === "warn" || level === "error"),
      [],
    );
  });
}

Deno.test("a request keeps its plugins for all of its hooks", async () => {
  const routing = (port: number) =>
    `export default {
      connect: () => ({ port: ${port} }),
      request: ({ headers }) => headers.set("Port", "${port}"),
      resolve: () => ["10.0.0.${port}"],
    };`;
  await using world = await started({ "a.js": routing(1) }, { watch: true });
  const target = { hostname: "a.test", port: 80, kind: "request" } as const;
  const seen: unknown[] = [];

  const response = await world.plugins.intercept(async (request, context) => {
    await world.files.write("a.js", routing(2));
    await world.log.seen("plugins in use");
    const { place } = await world.plugins.connect(target, context);
    seen.push(place.port, await world.plugins.resolve("a.test", context));
    return await echo(request, context);
  })(requestOf("http://a.test/"), contextOf());
  const { place } = await world.plugins.connect(target, contextOf());

  assert.equal(await answerText(response), "GET http://a.test/\nPort: 1");
  assert.deepEqual(seen, [1, ["10.0.0.1"]]);
  assert.equal(place.port, 2);
});
