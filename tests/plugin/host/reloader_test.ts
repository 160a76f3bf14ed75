/* Files that change while the program runs. */
import assert from "node:assert/strict";
import type { Handler } from "../../../src/http/exchange.ts";
import type { PluginUse } from "../../../src/plugin/api/plugin_use.ts";
import type { PluginList } from "../../../src/plugin/loading/plugin_list.ts";
import {
  answerText,
  contextOf,
  echo,
  requestOf,
  upgradeOf,
} from "../exchanges.ts";
import { tempPlugins } from "../temp_plugins.ts";
import { type Started, started, type StartedOptions } from "../started.ts";

/** A plugin that marks requests and tells when it is disposed. */
const marking = (version: string) => `
  let log;
  export default {
    setup(context) { log = context.log; },
    request: ({ headers }) => headers.set("Version", "${version}"),
    async [Symbol.asyncDispose]() { log.info("disposed", { version: "${version}" }); },
  };`;

async function watched(
  sources: Readonly<Record<string, string>>,
  options: StartedOptions = {},
): Promise<Started> {
  return await started(sources, { watch: true, ...options });
}

/** The headers that the site gets. */
async function marks({ plugins }: Started): Promise<string> {
  const response = await plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );
  return (await answerText(response)).split("\n").slice(1).join();
}

Deno.test("a changed file takes the place of the old version, which is disposed", async () => {
  await using world = await watched({ "a.js": marking("1") });
  assert.equal(await marks(world), "Version: 1");

  await world.files.write("a.js", marking("2"));
  await world.log.seen("disposed", { version: 1 });

  assert.equal(await marks(world), "Version: 2");
  assert.equal(world.log.matching("plugin reloaded").length, 1);
});

Deno.test("a broken edit keeps the old version running, and says where it is broken", async () => {
  await using world = await watched({ "a.js": marking("1") });

  await world.files.write("a.js", "export default {\n  request(( {}\n};");
  const { level, fields } = await world.log.seen(
    "cannot reload plugin, the old version keeps running",
  );

  assert.equal(await marks(world), "Version: 1");
  assert.equal(level, "error");
  assert.match(String(fields["error"]), /\(a\.js:\d+:\d+\)/);
  assert.equal(world.log.matching("disposed").length, 0);

  await world.files.write("a.js", marking("2"));
  await world.log.seen("disposed", { version: 1 });

  assert.equal(await marks(world), "Version: 2");
});

Deno.test("a file that an editor empties before it writes it does not break the plugin", async () => {
  await using world = await watched({ "a.js": marking("1") });

  await world.files.write("a.js", "\n");
  await world.files.write("b.js", marking("b"));
  await world.log.seen("plugins in use");
  await world.files.write("a.js", marking("2"));
  await world.log.seen("disposed", { version: 1 });

  assert.deepEqual(
    world.log.all.filter(({ level }) => level === "error"),
    [],
  );
});

Deno.test("an exchange keeps the version that it began with", async () => {
  await using world = await watched({
    "a.js": `export default {
      request: ({ headers }) => headers.set("Version", "1"),
      response: ({ headers }) => headers.set("Version", "1"),
      async [Symbol.asyncDispose]() {},
    };`,
  });
  const arrived = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const site: Handler = async (request, context) => {
    arrived.resolve();
    await answered.promise;
    return await echo(request, context);
  };
  const exchange = world.plugins.intercept(site)(
    requestOf("http://a.test/"),
    contextOf(),
  );
  await arrived.promise;

  await world.files.write("a.js", marking("2"));
  await world.log.seen("plugins in use");
  assert.equal(await marks(world), "Version: 2");
  answered.resolve();
  const response = await exchange;

  assert.equal(response.fields.get("version"), "1");
});

Deno.test("content that still flows keeps its plugin from being disposed", async () => {
  await using world = await watched({
    "a.js": `let log; export default {
      setup(context) { log = context.log; },
      response(r) { r.body = r.body.pipeThrough(new TransformStream()); },
      async [Symbol.asyncDispose]() { log.info("disposed", { version: "1" }); },
    };`,
  });
  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  await world.files.write("a.js", marking("2"));
  await world.log.seen("plugins in use");
  assert.equal(world.log.matching("disposed").length, 0);
  assert.equal(await answerText(response), "GET http://a.test/");

  await world.log.seen("disposed", { version: 1 });
});

Deno.test("a change that cannot be made holds its plugin back from nothing", async () => {
  await using world = await watched({
    "a.js": `let log; export default {
      setup(context) { log = context.log; },
      request(r) { r.body = new ReadableStream(); },
      async [Symbol.asyncDispose]() { log.info("disposed", { version: "1" }); },
    };`,
  });
  const exchange = world.plugins.intercept(echo)(
    upgradeOf("http://a.test/"),
    contextOf(),
  );
  await assert.rejects(exchange, {
    code: "threw",
    message: /an upgrade request keeps its body/,
  });

  await world.files.write("a.js", marking("2"));

  await world.log.seen("disposed", { version: 1 });
});

Deno.test("a new file becomes a plugin, a removed one ends, and may come back", async () => {
  await using world = await watched({ "b.js": marking("b") });

  await world.files.write("c.js", marking("c"));
  await world.log.seen("plugins in use", { plugins: /"b","c"/ });
  assert.equal(await marks(world), "Version: c");

  await world.files.remove("c.js");
  await world.log.seen("disposed", { version: "c" });
  assert.equal(await marks(world), "Version: b");

  await world.files.write("c.js", marking("c"));
  await world.log.seen("plugins in use", { plugins: /"b","c"/ }, {
    count: 2,
  });
  assert.equal(await marks(world), "Version: c");
});

Deno.test("a file that is put in the place of another is loaded", async () => {
  await using world = await watched({ "a.js": marking("1") });

  await world.files.write("a.js.new", marking("2"));
  await Deno.rename(world.files.path("a.js.new"), world.files.path("a.js"));
  await world.log.seen("disposed", { version: 1 });

  assert.equal(await marks(world), "Version: 2");
});

Deno.test("an edit that takes another plugin's name changes nothing", async () => {
  await using world = await watched({
    "a.js": marking("1"),
    "b.js": "export default {};",
  });

  await world.files.write("b.js", "export default { name: 'a' };");
  const { level } = await world.log.seen(
    "cannot use plugins, the current ones keep running",
    { error: /has the name/ },
  );

  assert.equal(level, "error");
  assert.deepEqual(world.plugins.names, ["a", "b"]);
});

Deno.test("a plugin that fails works again when it is mended", async () => {
  await using world = await watched({
    "a.js": "export default { request() { throw new Error('boom'); } };",
  });
  await assert.rejects(marks(world));
  assert.equal(world.plugins.failures.length, 1);

  await world.files.write("a.js", marking("2"));
  await world.log.seen("plugins in use");

  assert.equal(await marks(world), "Version: 2");
  assert.deepEqual(world.health, ["a works", "a fails", "a works"]);
  assert.deepEqual(world.plugins.failures, []);
});

Deno.test("a plugin in a worker is loaded again when a file that it imports changes", async () => {
  await using world = await watched({
    "a.js": `import { version } from "./_version.js";
      export default { request: ({ headers }) => headers.set("Version", version) };`,
    "_version.js": "export const version = '1';",
  }, { permissions: [] });
  assert.equal(await marks(world), "Version: 1");

  await world.files.write("_version.js", "export const version = '2';");
  await world.log.seen("plugins in use");

  assert.equal(await marks(world), "Version: 2");
});

Deno.test("a trusted plugin needs a restart then, and the log says so", async () => {
  await using world = await watched({
    "a.js": `import { version } from "./_version.js";
      export default { request: ({ headers }) => headers.set("Version", version) };`,
    "_version.js": "export const version = '1';",
  });

  await world.files.write("_version.js", "export const version = '2';");
  const { level } = await world.log.seen(
    "imported file changed, trusted plugins need a restart to see it",
  );

  assert.equal(level, "warn");
  assert.equal(await marks(world), "Version: 1");
});

Deno.test("a plugin that was added stays first when files change, until it is disposed", async () => {
  await using world = await watched({ "a.js": marking("1") });
  const added = await world.plugins.add({
    use: {
      request: ({ headers }) => headers.append("Version", "added"),
    },
  });
  assert.equal(await marks(world), "Version: 1");
  assert.deepEqual(world.plugins.names, ["added-1", "a"]);

  await world.files.write("a.js", marking("2"));
  await world.log.seen("disposed", { version: 1 });
  assert.deepEqual(world.plugins.names, ["added-1", "a"]);
  assert.equal(await marks(world), "Version: 2");

  await world.files.remove("a.js");
  await world.log.seen("disposed", { version: 2 });
  assert.equal(await marks(world), "Version: added");
  await added[Symbol.asyncDispose]();
  await added[Symbol.asyncDispose]();

  assert.deepEqual(world.plugins.names, []);
  assert.equal(await marks(world), "");
});

Deno.test("a plugin that cannot be added changes nothing, and ends", async () => {
  await using world = await watched({ "a.js": marking("1") });
  const ended: string[] = [];
  const plugin = {
    name: "a",
    [Symbol.asyncDispose]: () => void ended.push("ended"),
  };

  await assert.rejects(world.plugins.add({ use: plugin }), {
    code: "notLoaded",
  });

  assert.deepEqual(ended, ["ended"]);
  assert.deepEqual(world.plugins.names, ["a"]);
});

/** A list whose entries are given later. */
class ChangingList {
  plugins: readonly PluginUse[] = [];
  timeBudget: number | undefined;
  error: Error | undefined;
  reread = (): Promise<PluginList> =>
    this.error === undefined
      ? Promise.resolve({ plugins: this.plugins, timeBudget: this.timeBudget })
      : Promise.reject(this.error);
}

Deno.test("a configuration that is read again replaces only plugins that it changes", async () => {
  const list = new ChangingList();
  await using world = await watched({
    "lib/a.js": marking("a"),
    "lib/b.js": `let log; export default {
      setup(context) { log = context.log; log.info("set up", { ...context.options }); },
      request: ({ headers }) => headers.set("Version", headers.get("version") + "b"),
      async [Symbol.asyncDispose]() { log.info("disposed", { version: "b" }); },
    };`,
  }, { reread: list.reread });
  const a = { use: world.files.path("lib/a.js") };
  const b = { use: world.files.path("lib/b.js") };
  const disposed = () =>
    world.log.matching("disposed").map(({ fields }) => fields["version"]);
  const take = async (...plugins: readonly PluginUse[]) => {
    list.plugins = plugins;
    await world.plugins.reload();
    return await marks(world);
  };

  assert.equal(await take(a, b), "Version: ab");
  assert.equal(await take(b, a), "Version: a");
  assert.deepEqual(disposed(), []);

  assert.equal(await take({ ...b, options: { x: 1 } }, a), "Version: a");
  await world.log.seen("disposed", { version: "b" });
  assert.deepEqual(
    world.log.matching("set up").map(({ fields }) => fields["x"]),
    [undefined, 1],
  );

  assert.equal(await take(a), "Version: a");
  await world.log.seen("disposed", { version: "b" }, { count: 2 });
  assert.deepEqual(disposed(), ["b", "b"]);
  assert.equal(await take(), "");
  assert.deepEqual(world.switches.slice(-1), ["a off"]);
});

Deno.test("a configuration that is wrong in any part changes nothing", async () => {
  const list = new ChangingList();
  await using world = await watched({ "lib/a.js": marking("a") }, {
    reread: list.reread,
    permissions: [],
  });
  const a = { use: world.files.path("lib/a.js") };
  list.plugins = [a];
  await world.plugins.reload();
  const complaints = () =>
    world.log.matching(
      "cannot use the new configuration of plugins, the old one stays",
    ).map(({ level, fields }) => `${level} ${fields["error"]}`);

  for (
    const plugins of [
      [a, { ...a, name: "b" }, { use: "nowhere.js" }],
      [a, { ...a, timeout: 10_000 }],
      [{ ...a, match: { path: "x" } }],
      [{ use: "npm:mock@1.0.0" }],
    ]
  ) {
    list.plugins = plugins;
    await world.plugins.reload();
  }
  list.error = new Error("c.yaml is broken");
  await world.plugins.reload();

  const found = complaints();
  assert.equal(found.length, 5);
  assert.match(found[0] ?? "", /^error .*nowhere\.js/);
  assert.match(found[1] ?? "", /also has the name "a"/);
  assert.match(found[2] ?? "", /"x" of its "match" does not begin/);
  assert.match(found[3] ?? "", /packages may not be plugins/);
  assert.match(found[4] ?? "", /c\.yaml is broken/);
  assert.deepEqual(world.plugins.names, ["a"]);
  assert.equal(await marks(world), "Version: a");
});

Deno.test("the default time of hooks changes with the configuration", async () => {
  const list = new ChangingList();
  await using world = await watched({
    "lib/slow.js": `export default {
      request: () => new Promise(() => {}),
    };`,
  }, { reread: list.reread });
  list.plugins = [{ use: world.files.path("lib/slow.js") }];
  list.timeBudget = 40;
  await world.plugins.reload();
  await assert.rejects(marks(world), /longer than 40 ms/);

  list.timeBudget = 50;
  await world.plugins.reload();

  await assert.rejects(marks(world), /longer than 50 ms/);
});

Deno.test("a plugin of a new configuration is reloaded when its file changes", async () => {
  const list = new ChangingList();
  await using other = await tempPlugins({ "a.js": marking("1") });
  await using world = await watched({}, { reread: list.reread });
  list.plugins = [{ use: other.path("a.js") }];
  await world.plugins.reload();
  assert.equal(await marks(world), "Version: 1");

  await other.write("a.js", marking("2"));
  await world.log.seen("disposed", { version: 1 });

  assert.equal(await marks(world), "Version: 2");
});
