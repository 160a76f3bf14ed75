/**
 * Promise: a PAC script that recurses, loops, looks names up without end or
 * says too much fails its own requests, and nothing else: the client serves
 * others, and stops on a signal.
 *
 * @module
 */
import assert from "node:assert/strict";
import { get } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  type ClientProgram,
  type ServerProgram,
  SIGNALS,
  startClientProgram,
  startServerProgram,
} from "../system/programs.ts";
import { within } from "../testing/deadline.ts";
import { startOrigin } from "../testing/origin.ts";

/** Host → what the script does for it, and what the error says. */
const ATTACKS: readonly (readonly [host: string, code: string, why: RegExp])[] =
  [
    ["recursion", "return f(0)", /stack overflow|too deep/],
    ["json", "return JSON.parse('['.repeat(500000))", /overflow|too deep/],
    [
      "stringify",
      "let a = []; for (let i = 0; i < 100000; i++) a = [a]; return JSON.stringify(a)",
      /stack overflow|too deep|longer than/,
    ],
    ["getter", "return ({ get a() { return this.a } }).a", /overflow|too deep/],
    ["generator", "return [...g()].join()", /overflow|too deep/],
    ["source", "return eval('('.repeat(100000))", /overflow|too deep/],
    ["loop", "while (true);", /longer than 1000 ms/],
    [
      "names",
      "for (let i = 0; ; i++) isResolvable('n' + i)",
      /more than 32|longer than/,
    ],
    [
      "answer",
      "return 'PROXY ' + 'x'.repeat(1e7)",
      /more than 4096 characters/,
    ],
    ["error", "throw new Error('x'.repeat(1e7))", /Error: x/],
  ];

/** The engine does not look at the clock in here. */
const HANGS = "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)";

const SCRIPT = `
  function f(n) { return f(n + 1) + 1 }
  function* g() { yield* g() }
  function FindProxyForURL(url, host) {
    if (host !== "sallyport.test") alert("asked about " + host);
    switch (host) {
      ${
  ATTACKS.map(([host, code]) => `case "${host}.test": ${code};`).join("\n")
}
      case "hang.test": return ${HANGS};
    }
    return "DIRECT";
  }`;

interface System extends AsyncDisposable {
  readonly server: ServerProgram;
  readonly client: ClientProgram;
}

async function systemWithScript(): Promise<System> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServerProgram());
  const client = stack.use(
    await startClientProgram(server, { args: ["--pac=-"], input: SCRIPT }),
  );
  const parts = stack.move();
  return {
    server,
    client,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

Deno.test("whatever a PAC script does, its request fails and others pass", async () => {
  await using origin = await startOrigin();
  await using system = await systemWithScript();
  const { client, server } = system;
  const browser = server.proxy;

  for (const [host, , why] of ATTACKS) {
    const page = await get(`http://${host}.test/`, browser);
    assert.deepEqual([host, page.status], [host, 502]);
    assert.match(page.error ?? "", /^pac/);
    assert.match(page.text, /Cannot use the PAC: /);
    assert.match(page.text, why);
    assert.ok(page.text.length < 2_000);
    const good = await get(`${origin.url}/status/204`, browser);
    assert.equal(good.status, 204);
  }
  client.process.signal("SIGTERM");
  const { code, stderr } = await client.process.exit();
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /Aborted|Assertion/);
});

for (const what of ["loop", "hang"]) {
  Deno.test(`the client goes on while a PAC script does: ${what}`, async () => {
    await using system = await systemWithScript();
    const { client, server } = system;
    const browser = server.proxy;
    let isAnswered = false;

    const answer = get(`http://${what}.test/`, browser)
      .finally(() => isAnswered = true);
    let answered = 0;
    // It takes a second at least; a client that stands still responds to one or two.
    for (let at = 0; at < 100 && !isAnswered; at += 1) {
      const health = await within(fetch(`${client.apiUrl}healthz`), "healthz");
      await health.body?.cancel();
      if (!isAnswered) answered += 1;
    }

    assert.ok(answered >= 20, `${answered} answers meanwhile`);
    assert.equal((await answer).status, 502);
  });
}

Deno.test("a PAC script that hangs has three workers at the most, and then fails at once", async () => {
  await using system = await systemWithScript();
  const browser = { port: system.server.proxyPort, credentials: CREDENTIALS };

  for (let at = 0; at < 3; at += 1) {
    const { status } = await get("http://hang.test/", browser);
    assert.equal(status, 502);
  }
  const { status, text } = await get("http://other.test/", browser);

  assert.equal(status, 502);
  assert.match(text, /it hung 3 times, fix it and restart the program/);
});

Deno.test({
  ...SIGNALS,
  name: "a client stops with 0 while its PAC script loops or hangs",
  async fn() {
    for (const what of ["loop", "hang"]) {
      await using system = await systemWithScript();
      const { client, server } = system;
      const browser = server.proxy;
      const asked = get(`http://${what}.test/`, browser).catch(() => {});
      await client.process.event("alert of the PAC", {
        text: new RegExp(what),
      });

      client.process.signal("SIGTERM");

      const { code, stderr } = await client.process.exit(10_000);
      await asked;
      assert.equal(code, 0, stderr);
    }
  },
});
