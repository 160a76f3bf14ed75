/* What the log and the inspector say of a plugin that fails. */
import assert from "node:assert/strict";
import type { EditWatch } from "../../../src/http/exchange.ts";
import type { Handler, ProxyResponse } from "../../../src/http/exchange.ts";
import { FailureLog } from "../../../src/plugin/host/failure_log.ts";
import type { Plugins } from "../../../src/plugin/host/plugins.ts";
import {
  answerText,
  contextOf,
  echo,
  requestOf,
  upgradeOf,
} from "../exchanges.ts";
import { recordLog } from "../../testing/event_log.ts";
import { started, TRUSTED } from "../started.ts";

/** A watch that writes down what it is notified of. */
function watching(seen: string[]): EditWatch {
  return {
    requestEdited: (editor) => seen.push(`${editor} request`),
    responseEdited: (editor) => seen.push(`${editor} response`),
    redirected: (...parts) => seen.push(parts.join(" ")),
    stopped: (...parts) => seen.push(parts.join(" ")),
  };
}

type Use = (plugins: Plugins) => Promise<unknown>;

const exchange = (path = "/"): Use => async (plugins) => {
  const handler: Handler = plugins.intercept(echo);
  return await read(
    await handler(requestOf(`http://a.test${path}`), contextOf()),
  );
};

async function read(response: ProxyResponse): Promise<string> {
  return await answerText(response);
}

/** The hook, its source, where it is used, and the reason. All fail in line 2 of the file. */
const FAILURES: readonly (readonly [
  hook: string,
  source: string,
  use: Use,
  reason: RegExp,
  location: string | undefined,
])[] = [
  [
    "request",
    "request() {\n throw new Error('oh'); }",
    exchange(),
    /: oh \(/,
    "bad.js:2:8",
  ],
  [
    "request",
    "request: () =>\n Promise.reject(new Error('oh'))",
    exchange(),
    /: oh \(/,
    "bad.js:2:17",
  ],
  ["request", "request: () => 7", exchange(), /returned a number/, undefined],
  [
    "request",
    "request(r) {\n r.method = 'PUT'; }",
    async (plugins) =>
      await plugins.intercept(echo)(upgradeOf("http://a.test/"), contextOf()),
    /an upgrade request keeps its method/,
    "bad.js:2:11",
  ],
  [
    "request",
    "request: () => new Promise(() => {})",
    exchange(),
    /takes longer than/,
    undefined,
  ],
  [
    "response",
    "response() {\n throw new Error('oh'); }",
    exchange(),
    /: oh \(/,
    "bad.js:2:8",
  ],
  [
    "response",
    "async response(r) { await r.text();\n throw new Error('oh'); }",
    exchange(),
    /: oh \(/,
    "bad.js:2:8",
  ],
  [
    "response",
    "response(r) { r.body = r.body.pipeThrough(new TransformStream({ transform() {\n throw new Error('oh'); } })); }",
    exchange(),
    /: oh \(/,
    "bad.js:2:8",
  ],
  [
    "connect",
    "connect() {\n throw new Error('oh'); }",
    (plugins) =>
      plugins.connect(
        { hostname: "a.test", port: 80, kind: "request" },
        contextOf(),
      ),
    /: oh \(/,
    "bad.js:2:8",
  ],
  [
    "resolve",
    "resolve() {\n throw new Error('oh'); }",
    (plugins) => plugins.resolve("a.test", contextOf()),
    /: oh \(/,
    "bad.js:2:8",
  ],
];

for (const permissions of [TRUSTED, []]) {
  const place = permissions === TRUSTED ? "trusted" : "sandboxed";
  for (
    const [at, [hook, source, use, reason, location]] of FAILURES.entries()
  ) {
    Deno.test(`a ${hook} hook that fails is one ERROR line with its place (${at}, ${place})`, async () => {
      const seen: string[] = [];
      await using world = await started(
        { "bad.js": `export default { ${source} };` },
        {
          permissions,
          timeBudget: 500,
          editsOf: (id) => id === "1" ? watching(seen) : undefined,
        },
      );

      await use(world.plugins).catch(() => {});

      const [failed, ...more] = world.log.all.filter(({ level }) =>
        level === "error"
      );
      assert.deepEqual([failed?.message, more], ["hook failed", []]);
      const { error, ...rest } = failed?.fields ?? {};
      const text = String(error instanceof Error ? error.message : error);
      assert.match(text, reason);
      assert.ok(text.startsWith(`Cannot run hook "${hook}" of plugin "bad": `));
      assert.deepEqual(withoutUnset(rest), {
        id: "1",
        plugin: "bad",
        hook,
        ...location !== undefined && { location },
      });
      assert.equal(seen.at(-1), `bad ${hook} ${text}`);
    });
  }
}

Deno.test("a tunnel hook that fails is one ERROR line without a request", async () => {
  await using world = await started({
    "bad.js": "export default { tunnel() {\n throw new Error('oh'); } };",
  });

  world.plugins.emit({ state: "ready" });
  const { fields } = await world.log.seen("hook failed");

  const { error, ...rest } = withoutUnset(fields);
  assert.deepEqual(rest, {
    plugin: "bad",
    hook: "tunnel",
    location: "bad.js:2:8",
  });
  assert.match(String(error), /"tunnel" of plugin "bad": oh \(bad\.js:2:8\)$/);
  const levels = world.log.all.map(({ level }) => level);
  assert.deepEqual(levels.filter((each) => each !== "info"), ["error"]);
});

Deno.test("resolve and connect hooks are shown as edits, and a refusal with its plugin", async () => {
  const seen: string[] = [];
  await using world = await started({
    "dns.js": "export default { resolve: () => ['192.0.2.1', '::1'] };",
    "far.js": `export default { connect: ({ hostname }) =>
      hostname === "no.test" ? { refuse: "not here" } : { port: 81 } };`,
  }, { editsOf: (id) => id === "1" ? watching(seen) : undefined });
  const { plugins } = world;

  await plugins.resolve("A.test", contextOf());
  await plugins.resolve("A.test", { ...contextOf(), id: "2" });
  await plugins.connect(
    { hostname: "A.test", port: 80, kind: "request" },
    contextOf(),
  );
  await assert.rejects(
    plugins.connect(
      { hostname: "no.test", port: 80, kind: "request" },
      contextOf(),
    ),
  );

  assert.deepEqual(seen, [
    "dns resolve a.test 192.0.2.1, ::1",
    "far connect a.test:80 a.test:81",
    "far connect not here",
  ]);
  assert.deepEqual(
    world.log.all.filter(({ level }) => level === "error"),
    [],
  );
});

for (const permissions of [TRUSTED, []]) {
  const place = permissions === TRUSTED ? "trusted" : "sandboxed";
  Deno.test(`what caused an error is in the lines of the program and of the plugin (${place})`, async () => {
    await using world = await started({
      "bad.js": `export default { request(_, { log }) {
        const cause = new TypeError("fetch failed", { cause: new Error("no route") });
        log.info("no token", { error: cause });
        throw new Error("cannot log in", { cause });
      } };`,
    }, { permissions });

    await assert.rejects(exchange()(world.plugins), {
      message: 'Cannot run hook "request" of plugin "bad": ' +
        "cannot log in: fetch failed: no route (bad.js:4:15)",
    });

    const own = await world.log.seen("no token");
    const [failed] = world.log.matching("hook failed");
    assert.equal(own.fields["error"], "fetch failed: no route");
    assert.match(
      String(failed?.fields["error"]),
      /cannot log in: fetch failed: no route \(bad\.js:4:15\)$/,
    );
  });
}

Deno.test("failures without end are ten lines, one in ten seconds, and a count", async () => {
  await using log = await recordLog();
  let now = 0;
  const failures = new FailureLog("bad", () => now);
  const fail = (): void => failures.add({ hook: "request" }, new Error("oh"));
  const unlogged = () =>
    log.matching(["hook failed", "hooks failed"])
      .map(({ fields }) => fields["unlogged"]);

  for (let count = 0; count < 1_000; count += 1) fail();
  const first = unlogged();
  now = 9_999;
  fail();
  const before = unlogged();
  now = 10_000;
  fail();
  fail();
  failures[Symbol.dispose]();
  failures[Symbol.dispose]();

  assert.deepEqual(first, Array(10).fill(undefined));
  assert.deepEqual(before, first);
  assert.deepEqual(unlogged(), [...first, 991, 1]);
});

/** What a line shows of its fields. */
function withoutUnset(
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  );
}
