/** `plugin test`: the tests beside a plugin, several plugins, and its output. */
import assert from "node:assert/strict";
import { type TempPlugins, tempPlugins } from "../../plugin/temp_plugins.ts";
import { startProgram } from "../../testing/process.ts";
import { type Outcome, sallyport } from "../harness.ts";

/** Marks requests, shouts responses, and answers one path itself. */
const SHOP = `export default {
  request({ url, headers }, { job, options }) {
    if (url.pathname === "/users") return Response.json([{ name: "Ada" }]);
    headers.set("X-Job", job ?? "none");
    headers.delete("Cookie");
    if (options.host) url.host = options.host;
  },
  async response(response) {
    response.body = (await response.text()).toUpperCase();
  },
};`;

async function playTests(
  tests: string,
  { source = SHOP, args = [] }: {
    readonly source?: string;
    readonly args?: readonly string[];
  } = {},
): Promise<Outcome> {
  await using files = await tempPlugins({
    "shop.js": source,
    "shop.test.yaml": tests,
    "login.json": '{"name":"ada"}',
  });
  return neat(
    files,
    await sallyport(["plugin", "test", files.path("shop.js"), ...args]),
  );
}

function neat(
  { directory }: TempPlugins,
  { code, stdout, stderr }: Outcome,
): Outcome {
  const short = (text: string) =>
    text.replaceAll(`${directory}/`, "").replace(/ \([^()]* ms\)/g, "");
  return { code, stdout: short(stdout), stderr: short(stderr) };
}

Deno.test("plugin test plays the tests beside a plugin", async () => {
  const { code, stdout, stderr } = await playTests(`
options: { host: "staging.test:8080" }
tests:
  - name: requests are marked
    job: t1
    request:
      url: http://shop.test/login?a=1
      headers: { Cookie: a=b, X-Count: 2 }
      file: login.json
    response: { status: 401, headers: { X-Id: [a, b] }, body: no }
    expect:
      request:
        method: POST
        url: http://staging.test:8080/login?a=1
        headers: { x-job: t1, Cookie: null, X-Count: "2" }
        json: { name: ada }
      response: { status: 401, headers: { X-Id: [a, b] }, body: "NO" }
  - request: { url: http://shop.test/users }
    expect:
      asks-site: false
      response: { headers: { Content-Type: application/json }, contains: ADA }
`);

  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(
    stdout,
    "shop.test.yaml\n" +
      "  ok      requests are marked\n" +
      "  ok      GET http://shop.test/users\n" +
      "\n2 passed, 0 failed\n",
  );
});

Deno.test("plugin test says what is not as a test expects it, and where", async () => {
  const tests = `tests:
  - name: all wrong
    request: { url: http://shop.test/ }
    response: { json: [1] }
    expect:
      request:
        headers:
          X-Job: t1
          X-Other: there
      response:
        status: 404
        body: [2]
  - request: { url: http://shop.test/users }
    expect: { request: {} }
`;
  const wrong = await playTests(tests);
  const { code, stdout } = await playTests(tests.replace("[2]", '"[2]"'));

  assert.match(
    wrong.stderr,
    /^sallyport: Cannot use ".*shop\.test\.yaml", line 12: tests\.0\.expect\.response\.body: invalid input: expected string/,
  );
  assert.equal(code, 1);
  assert.equal(
    stdout,
    `shop.test.yaml
  FAILED  all wrong (line 2)
          line 8: request: field "X-Job": expected "t1", is "none"
          line 9: request: field "X-Other": expected "there", is none
          line 11: response: status: expected 404, is 200
          line 12: response: body: expected "[2]", is "[1]"
  FAILED  GET http://shop.test/users (line 13)
          line 14: the plugin responds itself, no request reaches the site

0 passed, 2 failed
`,
  );
});

Deno.test("a test can expect a failure, and fails by one that it does not expect", async () => {
  const source = `export default {
    connect: ({ hostname }) =>
      hostname === "ads.test" ? { refuse: "no ads" } : undefined,
    response() { throw new Error("oh"); },
  };`;
  const { code, stdout } = await playTests(
    `tests:
  - request: { url: http://ads.test/ }
    expect: { failure: no ads }
  - request: { url: http://a.test/ }
    expect: { failure: other }
  - request: { url: http://a.test/ }
    expect: {}
`,
    { source },
  );

  assert.equal(code, 1);
  assert.match(stdout, /^ {2}ok {6}GET http:\/\/ads\.test\/$/m);
  assert.match(stdout, /line 5: the failure: expected other, is Cannot run/);
  assert.match(stdout, /line 7: Cannot run hook "response" of .*: oh/);
  assert.match(stdout, /^1 passed, 2 failed$/m);
});

Deno.test.each([
  ["tests: []", "line 1: tests: expected one test at least"],
  ["test: []", 'line 1: test: there is no such key, did you mean "tests"?'],
  [
    "tests:\n  - request: { url: ftp://a/ }\n    expect:\n      requst: {}\n",
    'line 4: tests.0.expect.requst: there is no such key, did you mean "request"?',
  ],
  [
    "tests:\n  - request: { url: /a }\n    expect: {}\n",
    "line 2: tests.0.request.url: expected http://host/path or https://…",
  ],
  ["tests: [", "Cannot read"],
  [
    "options: { hots: a }\ntests:\n  - request: { url: http://a/ }\n    expect: {}",
    'did you mean "host"?',
  ],
])("plugin test refuses the tests %j", async (tests, says) => {
  const source = `import { z } from "zod";
export const options = z.object({ host: z.string().optional() });
${SHOP}`;
  const { code, stdout, stderr } = await playTests(tests, { source });

  assert.deepEqual([code, stdout], [1, ""]);
  assert.ok(stderr.includes(says), stderr);
});

Deno.test("plugin test runs several plugins, one after the other", async () => {
  await using files = await tempPlugins({
    "a.js":
      `export default { request: ({ headers }) => headers.set("X-A", "1") };`,
    "b.js": `export default {
      request: ({ headers }) => headers.set("X-B", headers.get("X-A") + "2"),
    };`,
  });
  const { code, stdout } = neat(
    files,
    await sallyport(
      ["plugin", "test", files.path("a.js"), files.path("b.js")]
        .concat("--url=http://a.test/"),
    ),
  );

  assert.equal(code, 0, stdout);
  assert.match(stdout, /^Plugins "a", "b" with one request/);
  assert.match(stdout, /^ +\+ X-B: 12$/m);
});

Deno.test("plugin test --json has requests, tests and log as data", async () => {
  const tests = "tests:\n  - request: { url: http://a.test/ }\n" +
    "    expect: { response: { status: 500 } }\n";
  const played = await playTests(tests, { args: ["--json"] });
  const sent = await playTests(tests, {
    args: ["--json", "--url=http://a.test/", "--job=t1"],
  });

  assert.deepEqual([played.code, sent.code], [1, 0]);
  const [test] = JSON.parse(played.stdout).tests;
  assert.deepEqual(test.problems, [
    { line: 3, message: "response: status: expected 500, is 200" },
  ]);
  const [request] = JSON.parse(sent.stdout).requests;
  assert.ok(request.forwarded.lines.includes("X-Job: t1"));
  assert.equal(request.response.start, "200");
});

Deno.test("plugin test sends a file of any bytes as the response", async () => {
  await using files = await tempPlugins({
    "a.js": `export default {
      async response(r, { log }) { log.info("got", { length: (await r.bytes()).length }); },
    };`,
  });
  await Deno.writeFile(files.path("a.png"), new Uint8Array([137, 0, 255, 1]));
  const args = ["plugin", "test", files.path("a.js"), "--url=http://a.test/"]
    .concat(`--response-file=${files.path("a.png")}`);

  const { stdout } = await sallyport(args);
  const both = await sallyport([...args, "--response-body=x"]);

  assert.match(stdout, /got length=4 /);
  assert.match(both.stderr, /both --response-body and --response-file/);
});

Deno.test("plugin test --watch plays the tests again when a file changes", async () => {
  const test = (status: number) =>
    "tests:\n  - request: { url: http://a.test/ }\n" +
    `    expect: { response: { status: ${status} } }\n`;
  await using files = await tempPlugins({
    "a.js": "export default {};",
    "a.test.yaml": test(200),
  });
  await using program = startProgram(
    ["plugin", "test", files.path("a.js"), "--watch"],
  );
  await program.waitFor(/1 passed, 0 failed/);
  await program.waitFor(/Waiting for changes/);

  await files.write("a.test.yaml", test(404));
  await program.waitFor(/0 passed, 1 failed/);
  await files.write("a.js", "export default {");
  await program.waitFor(/Cannot load plugin/);
  program.signal("SIGINT");

  assert.equal((await program.exit()).code, 0);
});
