import assert from "node:assert/strict";
import { PluginError } from "../../../src/plugin/api/errors.ts";
import { parsePermissions } from "../../../src/plugin/api/permissions.ts";
import { startPlugins } from "../../../src/plugin/host/plugins.ts";
import {
  answerText,
  contextOf,
  echo,
  requestOf,
  responseOf,
} from "../exchanges.ts";
import { recordLog } from "../../testing/event_log.ts";
import { type Started, started, type StartedOptions } from "../started.ts";
import { tempPlugins } from "../temp_plugins.ts";

// In JavaScript: `deno test` checks the types of what a worker imports before
// it starts. A program that is run does not.

/** Hangs for longer than anybody waits, but not for ever: no worker that loops is ever ended. */
const HANG = "for (const end = Date.now() + 5_000; Date.now() < end;);";

async function sandboxed(
  sources: Readonly<Record<string, string>>,
  options: StartedOptions = {},
): Promise<Started> {
  return await started(sources, { permissions: [], ...options });
}

const ENDED = "worker ended, starting another one";

/** The response of a site that describes the request. */
async function ask(
  { plugins }: Started,
  url = "http://a.test/",
): Promise<string> {
  const response = await plugins.intercept(echo)(requestOf(url), contextOf());
  return await answerText(response);
}

Deno.test("all hooks work in a worker", async () => {
  await using world = await sandboxed({
    "a.js": `let prefix; export default {
      async setup({ options, log, name }) {
        prefix = options.prefix; log.info("set up", { token: "hide me" });
      },
      connect: ({ port }) => port === 1 ? { refuse: "no" } : { port: port + 1 },
      resolve: (hostname) => hostname === "a.test" ? ["10.0.0.1"] : undefined,
      request: ({ url, headers }) =>
        headers.set("Seen", prefix + url.host + headers.get("x")),
      response: ({ status, headers }, { request: { method } }) =>
        headers.set("Seen", [status, headers.getSetCookie().join("+"), method].join()),
      tunnel: ({ state }, { log }) => log.info("tunnel is", { state }),
      async [Symbol.asyncDispose]() { },
    };`,
  }, { uses: { "a.js": { options: { prefix: "<" } } } });
  const { plugins, log } = world;
  const target = { hostname: "a.test", port: 80, kind: "request" } as const;

  const response = await plugins.intercept(echo)(
    requestOf("http://a.test/", { fields: ["X", "1"] }),
    contextOf(),
  );
  plugins.emit({ state: "ready" });

  assert.equal(
    await answerText(response),
    "GET http://a.test/\nX: 1\nSeen: <a.test1",
  );
  assert.equal(response.fields.get("seen"), "200,a+b,GET");
  assert.deepEqual(await plugins.resolve("a.test", contextOf()), ["10.0.0.1"]);
  assert.equal(await plugins.resolve("b.test", contextOf()), undefined);
  assert.deepEqual(await plugins.connect(target, contextOf()), {
    place: { hostname: "a.test", port: 81 },
    chosen: undefined,
  });
  await assert.rejects(plugins.connect({ ...target, port: 1 }, contextOf()), {
    code: "refused",
  });
  await log.seen("tunnel is", { state: "ready" });
  const [setUp, ...others] = log.matching("set up");
  assert.equal(setUp?.level, "info");
  assert.deepEqual(setUp.fields, { token: "xxxxx", plugin: "a" });
  assert.deepEqual(others, []);
});

Deno.test("content is changed, replaced and made in a worker", async () => {
  await using world = await sandboxed({
    "a.js": `export default {
      request({ url }, { log }) {
        if (url.pathname === "/own") return new Response("own answer");
        if (url.pathname === "/stream") return new Response(new ReadableStream({
          pull: (controller) => controller.enqueue(Uint8Array.of(120)),
          cancel: () => log.info("cancelled"),
        }));
      },
      async response(r, { request: { url } }) {
        if (url.pathname === "/bytes") r.body = "other";
        if (url.pathname === "/text") r.body = (await r.text()).toUpperCase();
        if (url.pathname === "/transform") {
          r.body = r.body.pipeThrough(new TransformStream({
            transform: (chunk, out) => out.enqueue(chunk.slice(0, 3)),
            flush: (out) => out.enqueue(new TextEncoder().encode(".")),
          }));
        }
        if (url.pathname === "/throws") {
          r.body = r.body.pipeThrough(new TransformStream({
            transform() { throw new Error("boom"); },
          }));
        }
      },
    };`,
  });

  assert.equal(await ask(world, "http://a.test/own"), "own answer");
  assert.equal(await ask(world, "http://a.test/bytes"), "other");
  assert.equal(
    await ask(world, "http://a.test/text"),
    "GET HTTP://A.TEST/TEXT",
  );
  assert.equal(await ask(world, "http://a.test/transform"), "GET.");
  await assert.rejects(ask(world, "http://a.test/throws"), {
    message:
      /^Cannot run hook "response" of plugin "a": boom \(a\.js:\d+:\d+\)$/,
  });
  const stream = await world.plugins.intercept(echo)(
    requestOf("http://a.test/stream"),
    contextOf(),
  );
  assert.ok(stream.kind === "response");
  await stream.body?.read(new Uint8Array(1));
  stream.body?.cancel();
  await world.log.seen("cancelled");
});

const CURIOUS = `
  const tried = async (action) => {
    try { await action(); return "yes"; } catch (error) { return error.name; }
  };
  export default { async request({ url }) {
    return new Response([
      await tried(() => Deno.readTextFile(url.searchParams.get("file"))),
      await tried(() => Deno.connect({ hostname: "127.0.0.1", port: Number(url.searchParams.get("port")) }).then((c) => c.close())),
      await tried(() => Deno.env.get("HOME")),
      await tried(() => Deno.writeTextFile("x", "")),
      await tried(() => new Deno.Command(url.searchParams.get("program"), { args: ["--version"] }).output()),
    ].join());
  } };`;

Deno.test("a plugin may only load its own files by default", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await using files = await tempPlugins({ "secret.txt": "x" });
  const file = files.path("secret.txt");
  const url = `http://a.test/?${new URLSearchParams({
    port: String(port),
    file,
    program: Deno.execPath(),
  })}`;
  await using none = await sandboxed({ "a.js": CURIOUS });
  assert.equal(
    await ask(none, url),
    "NotCapable,NotCapable,NotCapable,NotCapable,NotCapable",
  );
  await none[Symbol.asyncDispose]();
  await using some = await sandboxed({ "a.js": CURIOUS }, {
    permissions: [
      parsePermissions("none"),
      parsePermissions(`a:net=127.0.0.1:${port};read=${file};env=HOME`),
    ],
  });

  assert.equal(await ask(some, url), "yes,yes,yes,NotCapable,NotCapable");
});

Deno.test("a plugin cannot be allowed more than the program itself", {
  permissions: { read: true, write: true, env: false },
}, async () => {
  await assert.rejects(
    sandboxed({ "a.js": "export default {};" }, {
      permissions: [parsePermissions("env=HOME")],
    }),
    {
      message:
        /a\.js": it has more permissions than the program itself, allow it less$/,
    },
  );
});

Deno.test("a worker that loops is replaced, and other plugins never wait for it", async () => {
  await using world = await sandboxed({
    "a.js": `export default {
      setup({ log }) { log.info("set up"); },
      request({ url, headers }) {
        if (url.pathname === "/hang") ${HANG}
        headers.set("A", "1");
      },
    };`,
    "b.js": "export default { request: (r) => r.headers.set('B', '1') };",
  }, { timeBudget: 500 });

  const hanging = ask(world, "http://a.test/hang");
  await assert.rejects(hanging, {
    code: "timedOut",
    message:
      'Cannot run hook "request" of plugin "a": it takes longer than 500 ms',
  });
  await world.log.seen(ENDED);
  await world.log.seen("set up", {}, { count: 2 });

  assert.equal(await ask(world), "GET http://a.test/\nA: 1\nB: 1");
});

Deno.test("one slow call does not end the worker that others use", async () => {
  await using world = await sandboxed({
    "a.js":
      `let release; export default { async request({ url, headers }, { signal, log }) {
      if (url.pathname === "/slow") await new Promise((resolve, reject) =>
        signal.addEventListener("abort", () => { log.info("told"); reject(1); }));
      headers.set("A", "1");
    } };`,
  }, { timeBudget: 400 });

  await assert.rejects(ask(world, "http://a.test/slow"), { code: "timedOut" });
  await world.log.seen("told");

  assert.equal(await ask(world), "GET http://a.test/\nA: 1");
  assert.equal(world.log.matching(ENDED).length, 0);
});

Deno.test("a plugin that hangs every time fails every time", async () => {
  await using world = await sandboxed({
    "a.js": `export default { request() { ${HANG} } };`,
  }, { timeBudget: 300 });

  await assert.rejects(ask(world), { code: "timedOut" });
  await world.log.seen(ENDED);
  await assert.rejects(ask(world), { code: "timedOut" });

  assert.deepEqual(world.health, ["a works", "a fails", "a fails"]);
  assert.deepEqual(world.switches, ["a on"]);
});

Deno.test("a plugin that hangs again and again gets three workers in all", async () => {
  await using world = await sandboxed({
    "a.js": `export default {
      setup({ log }) { log.info("set up"); },
      request({ url, headers }) {
        if (url.pathname === "/hang") ${HANG}
        headers.set("A", "1");
      },
    };`,
  }, { timeBudget: 500 });

  for (const time of [1, 2, 3]) {
    await assert.rejects(ask(world, "http://a.test/hang"), {
      code: "timedOut",
    });
    if (time === 3) break;
    await world.log.seen("set up", {}, { count: time + 1 });
    assert.equal(await ask(world), "GET http://a.test/\nA: 1");
  }
  const last = await world.log.seen("worker hung too often");

  await assert.rejects(ask(world), {
    code: "stopped",
    message: 'Cannot run plugin "a": it hung and was ended',
  });
  assert.equal(last.level, "error");
  assert.equal(world.log.matching(ENDED).length, 2);
  assert.equal(world.log.matching("worker hung too often").length, 1);
});

Deno.test("a plugin that hangs in setup gets one worker only", async () => {
  await using files = await tempPlugins({
    "a.js": `export default { setup() { ${HANG} } };`,
  });
  await using log = await recordLog();

  const start = startPlugins({
    directories: [files.directory],
    timeBudget: 1_500,
    watch: false,
  });

  await assert.rejects(start, { code: "timedOut" });
  assert.deepEqual(log.matching(ENDED), []);
});

Deno.test("a plugin that ends its worker gets another one", async () => {
  await using world = await sandboxed({
    "a.js": `export default {
      setup({ log }) { log.info("set up"); },
      request({ url, headers }) {
        if (url.pathname === "/close") self.close();
        headers.set("A", "1");
      },
    };`,
  }, { timeBudget: 500 });

  await ask(world, "http://a.test/close").catch(() => {});
  await ask(world).catch(() => {});
  await world.log.seen(ENDED);
  await world.log.seen("set up", {}, { count: 2 });

  assert.equal(await ask(world), "GET http://a.test/\nA: 1");
});

Deno.test("errors that nobody waits for do not end the plugin", async () => {
  await using world = await sandboxed({
    "a.js": `export default { request({ headers }) {
      Promise.reject(new Error("floating"));
      setTimeout(() => { throw new Error("late"); }, 0);
      headers.set("A", "1");
    } };`,
  });

  await ask(world);
  await world.log.seen("unhandled rejection", { error: /floating/ });
  await world.log.seen("unhandled error", { error: /late/ });

  assert.equal(await ask(world), "GET http://a.test/\nA: 1");
});

Deno.test.each([
  [
    "export default {\n  request(r { }\n};",
    /^Cannot load plugin ".*bad\.js": Unexpected token, expected "," \(bad\.js:2:13\)$/,
  ],
  [
    "export default { reslove() {} };",
    /unknown hook "reslove", did you mean "resolve"\?$/,
  ],
  [
    "throw new Error('boom');",
    /^Cannot load plugin ".*bad\.js": boom \(bad\.js:1:7\)$/,
  ],
  [
    `export default { setup() { ${HANG} } };`,
    /^Cannot run hook "setup" of plugin "bad": it takes longer than 300 ms$/,
  ],
])(
  "a plugin that cannot be loaded in a worker is named: %#",
  async (source, message) => {
    await using files = await tempPlugins({ "bad.js": source });

    await assert.rejects(
      startPlugins({ directories: [files.directory], timeBudget: 300 }),
      (error) => error instanceof PluginError && message.test(error.message),
    );
  },
);

Deno.test("a plugin that hangs while it is loaded is ended", async () => {
  await using files = await tempPlugins({ "bad.js": HANG });

  await assert.rejects(
    startPlugins({ directories: [files.directory], loadBudget: 500 }),
    {
      code: "stopped",
      message: /bad\.js": loading it takes longer than 500 ms$/,
    },
  );
});

Deno.test("a large response passes the worker unchanged", async () => {
  await using world = await sandboxed({
    "a.js":
      "export default { response(r) { r.body = r.body.pipeThrough(new TransformStream()); } };",
  });
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));

  const response = await world.plugins.intercept(() =>
    Promise.resolve(responseOf(bytes))
  )(requestOf("http://a.test/"), contextOf());
  assert.ok(response.kind === "response");
  const into = new Uint8Array(100_000);
  let length = 0;
  for (;;) {
    const count = await response.body?.read(into.subarray(length)) ?? null;
    if (count === null) break;
    length += count;
  }

  assert.deepEqual(into.subarray(0, length), bytes);
});

/** Paths of what the program refuses as an outcome. */
const FORGED_OUTCOMES = [
  "header",
  "answer",
  "body",
  "outcome",
  "text-header",
  "text-answer",
  "text-bytes",
  "text-edits",
  "text-proto",
];

/** Paths of what the program cannot read as a message. */
const FORGED_MESSAGES = [
  "nothing",
  "text-broken",
  "text-deep",
  "text-unknown",
  "text-no-list",
  "level",
  "unasked-fetch",
  "unasked-read",
];

/** A plugin that changes what its worker posts, as the path says. */
const FORGER = `
const { map } = Array.prototype;
let forge;
Array.prototype.map = function (...args) {
  const list = Reflect.apply(map, this, args);
  if (forge === undefined || !String(list[0]).startsWith('["reply"')) return list;
  return Reflect.apply(map, list, [(text) => forge(JSON.parse(text)[1])]);
};
const as = (outcome) => (id) =>
  ({ kind: "result", id, value: { outcome, hasState: false } });
const asText = (outcome) => (id) =>
  JSON.stringify(["reply", id, false, outcome]);
const FORGERIES = {
  "/text-header": asText({ kind: "change", headers: ["set", "A", "b\\r\\nC: d"] }),
  "/text-answer": asText({ kind: "respond", status: 200, headers: ["A", "b\\r\\nC: d"] }),
  "/text-bytes": asText({ kind: "change", headers: [], body: { kind: "bytes", bytes: { length: 1 } } }),
  "/text-edits": asText({ kind: "change", headers: { length: 3, 0: "clear", 1: "", 2: "" } }),
  "/text-proto": (id) => '["reply",' + id + ',false,{"__proto__":{"kind":"abort"}}]',
  "/text-broken": () => "[",
  "/text-deep": () => "[".repeat(1e6),
  "/text-unknown": () => '["forged",1]',
  "/text-no-list": () => '{"kind":"result"}',
  "/header": as({ kind: "change", headers: ["set", "A", "b\\r\\nC: d"] }),
  "/answer": as({ kind: "respond", status: 200, headers: ["A", "b\\r\\nC: d"] }),
  "/body": as({ kind: "change", headers: [], body: { kind: "bytes", bytes: "x" } }),
  "/outcome": as("x"),
  "/error": (id) => ({ kind: "error", id, error: { message: { toString: 1 }, code: "refused" } }),
  "/nothing": () => null,
  "/chunk": () => ({ kind: "call", id: 0, name: "want", args: [1, 1e9] }),
  "/level": () => ({ kind: "call", id: 0, name: "log", args: [{ level: "constructor", message: "", fields: {} }] }),
  // Nobody would hear that it fails.
  "/unasked-fetch": () => ({ kind: "call", id: 0, name: "fetch", args: [{ method: "GET", url: "http://a.test/", headers: [] }] }),
  "/unasked-read": () => ({ kind: "call", id: 0, name: "read", args: [1, 1] }),
};
export default {
  request({ url, headers }) {
    forge = FORGERIES[url.pathname];
    if (forge === undefined) headers.set("A", "1");
  },
};`;

Deno.test("a plugin that forges what its worker sends harms its own requests only", async () => {
  await using world = await sandboxed({ "a.js": FORGER });

  for (const path of FORGED_OUTCOMES) {
    await assert.rejects(ask(world, `http://a.test/${path}`), {
      code: "badResult",
    }, path);
  }
  await assert.rejects(ask(world, "http://a.test/error"), { code: "threw" });
  for (const [at, path] of FORGED_MESSAGES.entries()) {
    await assert.rejects(ask(world, `http://a.test/${path}`), {
      code: "stopped",
      message: 'Cannot run plugin "a": its worker sent an invalid message',
    }, path);
    await world.log.seen(ENDED, {}, { count: at + 1 });
  }

  assert.equal(await ask(world), "GET http://a.test/\nA: 1");
});

/** A plugin that gives its worker another name, in all that it says or in one of two messages. */
const RENAMER = `
const { map } = Array.prototype;
Array.prototype.map = function (...args) {
  const list = Reflect.apply(map, this, args);
  for (const message of list) {
    if (message?.name === "options") message.args[0] = "good";
    if (BOTH && message?.value?.hooks) message.value = { ...message.value, name: "good" };
  }
  return list;
};
export default {};`;

for (const both of [true, false]) {
  Deno.test(`a plugin cannot say that it is another one (${both ? "throughout" : "in its log"})`, async () => {
    const start = sandboxed({
      "bad.js": `const BOTH = ${both};${RENAMER}`,
      "good.js": "export default {};",
    });

    await assert.rejects(start, {
      code: "notLoaded",
      message: both
        ? /also has the name "good"/
        : /its worker describes another plugin/,
    });
  });
}

Deno.test("a plugin that gets hold of its worker writes no more lines than others", async () => {
  await using world = await sandboxed({
    "a.js": `const { map } = Array.prototype;
    Array.prototype.map = function (...args) {
      const list = Reflect.apply(map, this, args);
      if (!String(list[0]).startsWith('["reply"')) return list;
      const line = { kind: "call", id: 0, name: "log",
        args: [{ level: "info", message: "flood", fields: {} }] };
      return [...Array(20_000).fill(line), ...list];
    };
    export default { request(_, { log }) { log.info("flood"); } };`,
  });

  await ask(world);

  const lines = world.log.matching("flood").length;
  // A second may end meanwhile.
  assert.ok(lines >= 2_000 && lines < 10_000, `${lines} lines`);
});

Deno.test("a plugin that breaks the memory that it shares ends its own worker only", async () => {
  await using world = await sandboxed({
    "a.js": `const typed = Object.getPrototypeOf(Uint8Array.prototype);
    const { set } = typed;
    let shared;
    typed.set = function (...args) {
      if (this.buffer instanceof SharedArrayBuffer) shared = this.buffer;
      return Reflect.apply(set, this, args);
    };
    export default {
      request({ url, headers }) {
        if (url.pathname !== "/break") return headers.set("A", "1");
        const numbers = new Int32Array(shared).fill(2 ** 31 - 1);
        Atomics.notify(numbers, 0);
        return new Promise(() => {});
      },
    };`,
    "b.js":
      `export default { request({ headers }) { headers.set("B", "1"); } };`,
  });
  const whole = "GET http://a.test/\nA: 1\nB: 1";
  assert.equal(await ask(world), whole);

  await assert.rejects(ask(world, "http://a.test/break"), {
    code: "stopped",
    message: 'Cannot run plugin "a": its worker sent an invalid message',
  });
  await world.log.seen(ENDED);

  assert.equal(await ask(world), whole);
});

Deno.test("a hook that is late has its stream cancelled", async () => {
  await using world = await sandboxed({
    "a.js": `export default { request: (_, { signal, log }) =>
      new Promise((resolve) => signal.addEventListener("abort", () =>
        resolve(new Response(new ReadableStream({
          cancel: () => log.info("cancelled"),
        }, { highWaterMark: 0 }))))) };`,
  }, { timeBudget: 100 });

  await assert.rejects(ask(world), { code: "timedOut" });

  await world.log.seen("cancelled");
});
