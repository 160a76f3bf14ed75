import assert from "node:assert/strict";
import { join } from "node:path";

import { temporaryFile } from "../../config/fixtures.ts";
import { tempPlugins } from "../../plugin/temp_plugins.ts";
import { run } from "../../testing/process.ts";
import { compileProject, compileStrictly } from "../../testing/tsc.ts";
import { type Outcome, sallyport } from "../harness.ts";

/** Tries a plugin out, whose file is FILE in `args`; times are left out. */
async function trial(
  source: string,
  args: readonly string[],
): Promise<Outcome> {
  await using files = await tempPlugins({ "a.js": source });
  const { stdout, stderr, code } = await sallyport([
    "plugin",
    "test",
    files.path("a.js"),
    ...args.map((arg) => arg.replaceAll("FILE", files.path("a.js"))),
  ]);
  const neat = (text: string) =>
    text.replaceAll(files.directory, "").replace(/ \(\d+\.\d ms\)/g, "");
  return { code, stdout: neat(stdout), stderr: neat(stderr) };
}

Deno.test("plugin test says what each hook does to a request", async (t) => {
  const { code, stdout, stderr } = await trial(
    `export default {
      async request(r, { log, options }) {
        log.info("seen", { path: r.url.pathname });
        r.method = "PUT";
        r.url = "http://b.test:8080/b";
        r.headers.set("X-Added", options.added);
        r.headers.delete("Cookie");
        r.body = await r.text() + " and you";
      },
      connect: () => ({ port: 9000 }),
      resolve: () => ["10.1.2.3"],
      async response(r) {
        r.status = 418;
        r.headers.set("X-Seen", "yes");
        r.body = (await r.text()).replace("the site", "nobody");
      },
    };`,
    [
      "--url=http://a.test/a",
      "--method=POST",
      "--header=Cookie: a=b",
      "--header=Accept: text/html, */*",
      "--body=me",
      '--plugins={"use":"FILE","options":{"added":"1"}}',
    ],
  );

  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  await t.assertSnapshot(stdout);
});

Deno.test("plugin test shows a response that the plugin makes itself", async (t) => {
  const { code, stdout } = await trial(
    `export default {
      request: () => Response.json({ id: 7 }),
      response: () => undefined,
    };`,
    ["--url=https://api.test/users/7"],
  );

  assert.equal(code, 0);
  await t.assertSnapshot(stdout);
});

Deno.test("plugin test stops reading a response without an end", async () => {
  const { code, stdout } = await trial(
    `export default {
      request: () => new Response(new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(10_000)),
      })),
    };`,
    ["--url=http://a.test/"],
  );

  assert.equal(code, 0);
  assert.match(stdout, /sends its own response/);
});

Deno.test.each([
  [
    "request",
    `request() { throw new Error("oh"); }`,
    /^request {3}fails$.*^Cannot run hook "request" of plugin "a": oh \(a\.js:1:\d+\)$/ms,
  ],
  [
    "resolve",
    `resolve() { throw new Error("oh"); }`,
    /^resolve {3}fails$.*\[ERROR\] hook failed .*hook=resolve location=a\.js:1:\d+ .*oh/ms,
  ],
  [
    "response",
    `response(r) { r.status = "no"; }`,
    /^response {2}fails$.*^Cannot run hook "response" of plugin "a": /ms,
  ],
])("plugin test exits with 1 when %s fails", async (_, hook, says) => {
  const { code, stdout } = await trial(`export default { ${hook} };`, [
    "--url=http://a.test/",
  ]);

  assert.equal(code, 1);
  assert.match(stdout, says);
});

Deno.test("plugin test shows a refused connection, and does not count it as a failure of the plugin", async () => {
  const { stdout } = await trial(
    `export default { connect: () => ({ refuse: "no ads" }) };`,
    ["--url=http://ads.test/"],
  );

  assert.match(stdout, /^connect {3}refuses the connection$/m);
  assert.match(stdout, /^Plugin "a" refuses connections .*: no ads$/m);
});

/** It logs what it sees. */
const CURIOUS = `export default {
  request: ({ method, url }, { job, log }) =>
    log.info("sent", { method, path: url.pathname, job }),
  response: ({ status, headers }, { log }) =>
    log.info("received", { status, type: headers.get("content-type") }),
};`;

Deno.test("plugin test has the site respond as the options say", async () => {
  await using body = await temporaryFile("body.json", '{"error":"expired"}');
  const { code, stdout } = await trial(CURIOUS, [
    "--url=http://api.test/users",
    "--body=x",
    "--job=t1",
    "--response-status=401",
    "--response-header=WWW-Authenticate: Bearer",
    `--response-body=@${body.path}`,
  ]);

  assert.equal(code, 0);
  assert.match(stdout, /^POST http:\/\/api\.test\/users$/m);
  assert.match(stdout, /sent method=POST path=\/users job=t1 /);
  assert.match(stdout, /received status=401 type=application\/json /);
  assert.match(stdout, /if the site sends the given response:\n/);
  assert.match(
    stdout,
    /^ {2}401\n {2}Content-Type: application\/json\n {2}WWW-/m,
  );
  assert.match(stdout, /^ {2}\{"error":"expired"\}$/m);
});

Deno.test("plugin test sends what a HAR file recorded", async () => {
  const entry = (url: string, status: number) => ({
    request: { method: "GET", url, headers: [] },
    response: { status, headers: [], content: { text: "recorded" } },
  });
  const log = {
    entries: [entry("http://a.test/1", 200), entry("http://a.test/2", 404)],
  };
  await using har = await temporaryFile("a.har", JSON.stringify({ log }));
  const source = `export default {
    response(response) {
      if (response.status === 404) response.status = 200;
    },
  };`;

  const all = await trial(source, [`--har=${har.path}`]);
  const one = await trial(source, [
    `--har=${har.path}`,
    "--url=http://a.test/1",
  ]);

  const shown = ({ stdout }: Outcome) => stdout.split("\n\nThe log:")[0];
  assert.deepEqual([all.code, all.stderr], [0, ""]);
  assert.equal(
    shown(all),
    "GET http://a.test/1 → 200\n" +
      "GET http://a.test/2 → 200\n" +
      "  response  changes the response\n" +
      "            is now 200",
  );
  assert.equal(shown(one), "GET http://a.test/1 → 200");
});

Deno.test.each([
  ["[]", [], "it has no log.entries, expected a HAR file"],
  ["HAR", [], "it is not JSON"],
  ['{"log":{"entries":[]}}', [], "it has no request"],
  [
    '{"log":{"entries":[]}}',
    ["--url=http://a.test/"],
    "it has no request to http://a.test/",
  ],
])("plugin test refuses the HAR file %j with %j", async (text, args, says) => {
  await using har = await temporaryFile("a.har", text);
  const { code, stderr } = await trial("export default {};", [
    `--har=${har.path}`,
    ...args,
  ]);

  assert.equal(code, 1);
  assert.match(stderr, /^sallyport: Cannot use the HAR file ".*a\.har": /);
  assert.ok(stderr.endsWith(`${says}\n`), stderr);
});

Deno.test.each([
  [["test"], "the file is missing"],
  [["test", "a.js"], 'the URL, or a file "a.test.yaml", is missing'],
  [[], "the subcommand is missing"],
  [["new"], "the name is missing"],
])("plugin %s says what is missing", async (words, says) => {
  const { code, stdout, stderr } = await sallyport(["plugin", ...words]);

  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.ok(stderr.includes(`Cannot work on a plugin: ${says}, use "sally`));
});

Deno.test.each([
  ["--url=ftp://a.test/", "--url: expected http://host/path or https://…"],
  ["--header=a b: c", "--header: expected Name: value"],
  ["--header=Cookie", "--header: expected Name: value"],
  ["--method=G T", "--method: expected a method such as GET"],
])("plugin test refuses %s", async (flag, says) => {
  const { code, stderr } = await trial("export default {};", [
    "--url=http://a.test/",
    flag,
  ]);

  assert.equal(code, 1);
  assert.match(stderr, /^sallyport: Cannot use ".*" as .*\n$/);
  assert.ok(stderr.includes(says), stderr);
});

Deno.test("plugin test says why a plugin cannot be loaded", async () => {
  const { code, stdout, stderr } = await trial(
    "export default { reslove() {} };",
    ["--url=http://a.test/"],
  );

  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^sallyport: Cannot load plugin "\/a\.js": .*"resolve"/);
});

Deno.test("plugin new writes a plugin that passes the type check, once", async () => {
  await using files = await tempPlugins({});
  const folder = join(files.directory, "plugins");
  const args = ["plugin", "new", "shop", `--plugin-dir=${folder}`];

  const first = await sallyport(args);
  const path = join(folder, "shop.ts");
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, "mine");
  const second = await sallyport(args);

  assert.equal(first.code, 0);
  assert.ok(first.stdout.includes(`sallyport plugin test ${path} --url`));
  assert.deepEqual(second, {
    code: 1,
    stdout: "",
    stderr: `sallyport: Cannot write "${path}": it already exists, ` +
      "choose another name\n",
  });
  assert.equal(await Deno.readTextFile(path), "mine");
  await assertChecks(folder, text);
});

Deno.test("tsc and deno check know every hook beside a new plugin, without a network", async () => {
  await using files = await tempPlugins({});
  const folder = join(files.directory, "plugins");
  await sallyport(["plugin", "new", "shop", `--plugin-dir=${folder}`]);
  const text = await Deno.readTextFile(join(folder, "shop.ts"));
  const wrong = text.replace("  request(", "  reqest(");
  await Deno.writeTextFile(join(folder, "wrong.ts"), wrong);

  const tsc = await compileProject(folder);
  const deno = await run(Deno.execPath(), [
    ...["check", "--no-remote", "--no-npm", "shop.ts", "wrong.ts"],
  ], { cwd: folder, ms: 60_000, env: { NO_COLOR: "1" } });

  // All that is wrong is on the line of the misspelt hook.
  const at = wrong.slice(0, wrong.indexOf("reqest")).split("\n").length;
  const places = tsc.match(/^\S+?\(\d+/gm) ?? [];
  assert.deepEqual([...new Set(places)], [`wrong.ts(${at}`], tsc);
  assert.match(tsc, /'reqest'/);
  assert.match(deno.stderr, /'reqest'/);
  assert.doesNotMatch(deno.stderr, /\/shop\.ts/);
});

Deno.test("plugin new keeps the settings of a folder, and renews the types", async () => {
  await using files = await tempPlugins({
    "tsconfig.json": "{}",
    "sallyport.d.ts": "old",
  });
  const args = ["plugin", "new", "shop", `--plugin-dir=${files.directory}`];

  const { code } = await sallyport(args);

  const read = (name: string) => Deno.readTextFile(files.path(name));
  assert.equal(code, 0);
  assert.equal(await read("tsconfig.json"), "{}");
  assert.match(await read("sallyport.d.ts"), /interface Plugin\b/);
  assert.match(await read("deno.json"), /sallyport\.d\.ts/);
});

Deno.test.each(["../shop", "", "7", "a b", "x".repeat(65)])(
  "plugin new refuses the name %j",
  async (name) => {
    const { code, stderr } = await sallyport(["plugin", "new", name]);

    assert.equal(code, 1);
    assert.match(stderr, /^sallyport: Cannot name a plugin ".*": expected/);
  },
);

/** The recipes: their names, files and texts. */
async function recipes(): Promise<{ name: string; text: string }[]> {
  const found = [];
  for (const folder of ["", "cookbook/"]) {
    const directory = new URL(`../../../plugins/${folder}`, import.meta.url);
    for await (const { name } of Deno.readDir(directory)) {
      if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
      const text = await Deno.readTextFile(new URL(name, directory));
      found.push({ name: name.replace(".ts", ""), text });
    }
  }
  return found.toSorted((a, b) => a.name < b.name ? -1 : 1);
}

Deno.test("plugin new writes each recipe under a name, with code that passes the type check", async () => {
  await using files = await tempPlugins({});
  const folder = join(files.directory, "plugins");
  const written: Record<string, string> = {};

  for (const { name, text } of await recipes()) {
    const { code, stdout, stderr } = await sallyport(
      ["plugin", "new", `my_${name}`, `--recipe=${name}`].concat(
        `--plugin-dir=${folder}`,
      ),
    );
    const path = join(folder, `my_${name}.ts`);
    const copy = await Deno.readTextFile(path);

    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.ok(stdout.includes(`Created ${path}.`), stdout);
    assert.equal(
      copy,
      text.replace(/use: \S+/, `use: ${path}`),
    );
    written[`my_${name}.ts`] = copy;
  }

  const types = "sallyport.d.ts";
  written[types] = await Deno.readTextFile(join(folder, types));
  assert.equal(await compileStrictly(written), "");
});

Deno.test("plugin new writes a recipe that its own first comment configures", async () => {
  await using files = await tempPlugins({});
  for (const folder of ["plugins", "my plug-ins/*"]) {
    const directory = join(files.directory, folder);
    await sallyport(
      ["plugin", "new", "my", "--recipe=flag_cookie"].concat(
        `--plugin-dir=${directory}`,
      ),
    );
    const path = join(directory, "my.ts");
    const text = await Deno.readTextFile(path);
    const [, yaml = ""] = /```yaml\n(.*?)```/s.exec(text) ?? [];
    await using config = await temporaryFile(
      "client.yaml",
      yaml.replace(/^ \* ?/gm, ""),
    );

    const { stdout, stderr } = await sallyport(
      ["plugin", "test", path, `--config-file=${config.path}`].concat(
        "--url=http://shop.example/",
      ),
    );

    assert.equal(stderr, "");
    assert.match(stdout, /Cookie: newCheckout=on/);
  }
});

Deno.test.each([
  ["choas", /^.* did you mean "chaos"\?$/],
  ["teapot", /^.* or websocket_mock$/],
])("plugin new refuses the recipe %s", async (recipe, says) => {
  const { code, stdout, stderr } = await sallyport(
    ["plugin", "new", "shop", `--recipe=${recipe}`],
  );

  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr.trimEnd(), says);
  for (const { name } of await recipes()) {
    assert.ok(stderr.includes(name), `${name} is not named`);
  }
});

Deno.test("help names the recipes", async () => {
  const pages = [["help", "plugin", "new"], ["help", "plugin", "recipe"]];
  for (const page of pages) {
    const { stdout } = await sallyport(page);
    for (const { name } of await recipes()) {
      assert.match(stdout, new RegExp(`\\b${name}\\b`));
    }
  }
});

/** A starter with all its hooks, beside the types that came with it. */
async function assertChecks(folder: string, text: string): Promise<void> {
  const whole = text.replaceAll(
    /^( *)\/\/ (?=[ {}]|\w+.*[{(,]$|.*;$|\w+:)/gm,
    "$1",
  );
  assert.match(whole, /^ {2}connect\(/m);
  const types = "sallyport.d.ts";
  const printed = await compileStrictly({
    "shop.ts": whole,
    [types]: await Deno.readTextFile(join(folder, types)),
  });
  assert.equal(printed, "", whole);
}
