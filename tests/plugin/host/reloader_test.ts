/* Files that change while the program runs. */
import assert from "node:assert/strict";
import type { Handler } from "../../../src/http/exchange.ts";
import {
  answerText,
  contextOf,
  echo,
  requestOf,
  upgradeOf,
} from "../exchanges.ts";
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
