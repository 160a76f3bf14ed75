/** Promise: a plugin that misbehaves harms its own requests, is named, and harms nothing else. @module */
import assert from "node:assert/strict";
import type { ClientSnapshot } from "../../src/client/state.ts";
import { PluginError } from "../../src/plugin/api/errors.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { runProgram } from "../testing/process.ts";
import { connectTo } from "../testing/browser.ts";
import {
  PLACES,
  type PluginSystem,
  startPluginSystem,
} from "./plugin_system.ts";

/** How long a hook may take in these tests, in milliseconds. */
const TIME_BUDGET = 200;

/** A plugin whose `request` hook does this to requests for `bad.test`, and a good one beside it. */
function beside(doing: string): Readonly<Record<string, string>> {
  return {
    "bad.js": `export default {
      request({ url }) {
        if (url.hostname === "bad.test") ${doing}
      },
    };`,
    "good.js": `export default {
      response: ({ headers }) => headers.set("X-Good", "yes"),
    };`,
  };
}

/** Sees that other traffic flows, through the other plugin too. */
async function assertServesOthers(
  { get }: PluginSystem,
  site: Origin,
): Promise<void> {
  const page = await get(`http://good.test:${site.port}/status/200`);
  assert.deepEqual([page.status, page.get("x-good")], [200, "yes"]);
}

for (const place of PLACES) {
  const options = { place, plugins: { timeBudget: TIME_BUDGET } };

  Deno.test(`a hook that throws fails its own exchange, naming plugin, file and line (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem(
      beside(`throw new Error("out of luck");`),
      options,
    );

    const page = await tunnel.get(`http://bad.test:${site.port}/`);

    assert.equal(page.status, 502);
    assert.match(page.error ?? "", /^plugin Cannot forward the request to /);
    assert.match(
      page.text,
      /\nCannot run hook "request" of plugin "bad": out of luck \(bad\.js:3:\d+\)\n$/,
    );
    await assertServesOthers(tunnel, site);
  });

  Deno.test(`a hook that never resolves is given up in time (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem(
      beside(`return new Promise(() => {});`),
      options,
    );

    const page = await tunnel.get(`http://bad.test:${site.port}/`);

    assert.equal(page.status, 502);
    assert.match(page.text, /plugin "bad": it takes longer than 200 ms\n$/);
    await assertServesOthers(tunnel, site);
  });

  Deno.test(`a wrong result of a hook is named (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem(
      beside(`{ const r = arguments[0]; r.boddy = "a.test"; }`),
      options,
    );

    const page = await tunnel.get(`http://bad.test:${site.port}/`);

    assert.equal(page.status, 502);
    assert.match(
      page.text,
      /plugin "bad": a request has no member "boddy", did you mean "body"\?/,
    );
    await assertServesOthers(tunnel, site);
  });

  Deno.test(`a plugin that fails all the time is never switched off without a word (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem(
      beside(`throw new Error("out of luck");`),
      { place },
    );
    const url = `http://bad.test:${site.port}/status/200`;

    const statuses: number[] = [];
    for (let at = 0; at < 12; at += 1) {
      statuses.push((await tunnel.get(url)).status);
    }

    assert.deepEqual(statuses, Array(12).fill(502));
    assert.ok(tunnel.log.matching("hook failed").length >= 10);
    await assertServesOthers(tunnel, site);
  });

  Deno.test(`text that cannot be changed ends in an error page, a stream is cut (${place})`, async () => {
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem({
      "bad.js": `function fail() { throw new Error("oh"); }
      export default {
        async response(r, { request: { url } }) {
          if (!url.search) fail(await r.text());
          r.body = r.body.pipeThrough(new TransformStream({ transform: fail }));
        },
      };`,
    }, options);
    const url = `http://bad.test:${site.port}/status/200`;

    const page = await tunnel.get(url);

    assert.equal(page.status, 502);
    assert.match(page.text, /plugin "bad": oh \(bad\.js:1:\d+\)\n$/);
    await assert.rejects(tunnel.get(`${url}?stream`), /cut short|closed/);
  });

  Deno.test(`a plugin that cannot start stops the start, with its file and its place (${place})`, async () => {
    const mistakes = [
      [`export default { request( };`, /"bad\.js".* \(bad\.js:1:\d+\)$/],
      [`export default { reslove() {} };`, /"reslove", did you mean "resolve"/],
      [
        `export default { setup() { throw new Error("no key"); } };`,
        /^Cannot run hook "setup" of plugin "bad": no key \(bad\.js:1:\d+\)$/,
      ],
    ] as const;
    for (const [source, message] of mistakes) {
      const start = startPluginSystem({ "bad.js": source }, options);

      await assert.rejects(start, (error: unknown) => {
        assert.ok(error instanceof PluginError);
        assert.match(shortened(error.message), message);
        return true;
      });
    }
  });
}

for (const onFailure of ["fail", "skip"] as const) {
  Deno.test(`everybody sees that a plugin fails, whose requests ${onFailure}`, async () => {
    let read: (() => ClientSnapshot) | undefined;
    await using site = await startOrigin();
    await using tunnel = await startPluginSystem(
      beside(`throw new Error("out of luck");`),
      {
        uses: { "bad.js": { onFailure } },
        client: {
          apiAddress: { hostname: "127.0.0.1", port: 0 },
          onStatus: (snapshot) => read = snapshot,
        },
      },
    );
    const api = tunnel.system.client.apiUrl ?? "";
    const text = async (path: string) =>
      await (await fetch(`${api}${path}`)).text();
    const bad = `http://bad.test:${site.port}/status/200`;

    const statuses = [await tunnel.get(bad), await tunnel.get(bad)]
      .map(({ status }) => status);
    const page = await text("");
    const info = JSON.parse(await text("info"));
    const metrics = await text("metrics");

    const isSkipped = onFailure === "skip";
    assert.deepEqual(statuses, isSkipped ? [200, 200] : [502, 502]);
    assert.match(
      page,
      isSkipped
        ? /Plugin <strong>bad<\/strong> fails\. Its requests pass without it\./
        : /Plugin <strong>bad<\/strong> fails\. Its requests fail\./,
    );
    assert.match(page, /out of luck \(bad\.js:3:\d+\)\. 2 calls have failed/);
    const [failing, ...others] = info.failing_plugins;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [failing.plugin, failing.hook, failing.failures, failing.on_failure],
      ["bad", "request", 2, onFailure],
    );
    assert.match(metrics, /^sallyport_plugin_failing\{plugin="bad"\} 1$/m);
    assert.match(metrics, /^sallyport_plugin_failing\{plugin="good"\} 0$/m);
    assert.equal(
      /^sallyport_plugin_skipped_total\{plugin="bad",hook="request"\} 2$/m
        .test(metrics),
      isSkipped,
    );
    assert.deepEqual(
      read?.().failingPlugins.map(({ plugin, count }) => [plugin, count]),
      [["bad", 2]],
    );
    assert.equal(await text("readyz"), "OK");

    await assertServesOthers(tunnel, site);
    assert.match(
      await text("metrics"),
      /^sallyport_plugin_failing\{plugin="bad"\} 0$/m,
    );
    assert.match(await text(""), /Plugin <strong>bad<\/strong> fails/);
  });
}

Deno.test("a loop in its sandbox is given up, CONNECT does not wait for it, and the plugin is there again", async () => {
  await using site = await startOrigin();
  await using tunnel = await startPluginSystem(
    {
      "bad.js": `export default {
        request({ url }) {
          if (url.hostname !== "bad.test") return;
          // Not for ever: no worker that loops is ever ended.
          for (const end = Date.now() + 5_000; Date.now() < end;);
        },
        response: ({ headers }) => headers.set("X-Bad", "alive"),
      };`,
    },
    { plugins: { timeBudget: TIME_BUDGET } },
  );

  const stuck = tunnel.get(`http://bad.test:${site.port}/status/200`);
  const meanwhile = await connectTo(`a.test:${site.port}`, tunnel.proxy);
  const page = await stuck;
  await tunnel.log.seen("worker ended, starting another one", {
    plugin: "bad",
  });
  const good = `http://good.test:${site.port}/status/200`;
  let later = await tunnel.get(good);
  // A busy machine may need longer to start a worker than the hook has.
  while (later.status === 502) later = await tunnel.get(good);

  assert.equal(meanwhile.status, 200);
  assert.equal(page.status, 502);
  assert.match(page.text, /plugin "bad": it takes longer than 200 ms/);
  assert.deepEqual([later.status, later.get("x-bad")], [200, "alive"]);
});

Deno.test("a plugin that loops does not keep the program from ending", async () => {
  await using files = await tempPlugins({
    "loop.js": "export default { request() { for (;;); } };",
  });

  const { code, stdout, stderr } = await runProgram(
    ["plugin", "test", files.path("loop.js"), "--url=http://a.test/"],
    { ms: 30_000 },
  );

  assert.equal(code, 1);
  assert.match(stdout, /plugin "loop": it takes longer than 5000 ms/);
  assert.equal(stderr, "");
});

Deno.test("a plugin that imports or reaches for what it may not is refused it, and named", async () => {
  await using site = await startOrigin();
  const inside = `http://127.0.0.1:${site.port}/status/200`;
  await using tunnel = await startPluginSystem({
    "curious.js": `export default {
      async request({ url }) {
        if (url.pathname === "/net") await fetch("${inside}");
        if (url.pathname === "/read") await Deno.readTextFile("/etc/hosts");
        if (url.pathname === "/env") Deno.env.get("HOME");
        if (url.pathname === "/run") new Deno.Command(${
      JSON.stringify(Deno.execPath())
    }, { args: ["--version"] }).outputSync();
      },
    };`,
  });

  for (const permission of ["net", "read", "env", "run"]) {
    const page = await tunnel.get(`http://a.test:${site.port}/${permission}`);

    assert.equal(page.status, 502, permission);
    assert.match(page.text, /plugin "curious": .*\(curious\.js:/, permission);
    assert.match(
      page.text,
      permission === "run"
        ? new RegExp(
          `it has no run access to "${RegExp.escape(Deno.execPath())}", ` +
            "which plugins cannot have \\(curious",
        )
        : new RegExp(
          `it has no ${permission} access to "(.+)", allow it with ` +
            `--plugin-permissions "curious:${permission}=\\1"`,
        ),
      permission,
    );
  }
  assert.equal(site.heads.length, 0);
  await assert.rejects(
    startPluginSystem({
      "far.js": `import "${inside}"; export default {};`,
    }),
    { name: "PluginError", message: /"[^"]*far\.js"/ },
  );
  assert.equal(site.heads.length, 0);
});

/** Temporary folders have other names each time. */
function shortened(message: string): string {
  return message.replaceAll(/"[^"]*\/([^"/]+)"/g, '"$1"');
}
