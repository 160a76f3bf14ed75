import assert from "node:assert/strict";
import { dirname, join } from "node:path";

import project from "../../../deno.json" with { type: "json" };
import { tempPlugins } from "../../plugin/temp_plugins.ts";
import { run } from "../../testing/process.ts";
import { type Outcome, sallyport } from "../harness.ts";

/** Tries a plugin out; times are left out. */
async function trial(
  source: string,
  args: readonly string[],
): Promise<Outcome> {
  await using files = await tempPlugins({ "a.js": source });
  const { stdout, stderr, code } = await sallyport([
    "plugin",
    "test",
    files.path("a.js"),
    ...args,
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
      '--plugins={"a":{"added":"1"}}',
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

Deno.test.each([
  [["test"], "the file is missing"],
  [["test", "a.js"], "the URL is missing"],
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
  await assertChecks(path, text);
});

Deno.test.each(["../shop", "", "7", "a b", "x".repeat(65)])(
  "plugin new refuses the name %j",
  async (name) => {
    const { code, stderr } = await sallyport(["plugin", "new", name]);

    assert.equal(code, 1);
    assert.match(stderr, /^sallyport: Cannot name a plugin ".*": expected/);
  },
);

/** The types of a starter with all its hooks, in a project that has the package. */
async function assertChecks(path: string, text: string): Promise<void> {
  const whole = text.replaceAll(
    /^( *)\/\/ (?=[ {}]|\w+.*[{(,]$|.*;$|\w+:)/gm,
    "$1",
  );
  assert.match(whole, /^ {2}connect\(/m);
  const mod = new URL("../../../mod.ts", import.meta.url).href;
  const config = join(dirname(path), "deno.json");
  await Deno.writeTextFile(path, whole);
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      imports: { ...project.imports, "@sallyport/sallyport": mod },
    }),
  );

  const { code, stderr } = await run(Deno.execPath(), [
    "check",
    `--config=${config}`,
    path,
    // The types of the whole program are checked, on a machine that does much else.
  ], { ms: 180_000 });

  assert.equal(code, 0, `${stderr}${whole}`);
}
