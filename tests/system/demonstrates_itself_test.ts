import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { needs, requireTool } from "../testing/needs.ts";
import { run, runProgram, startProgram } from "../testing/process.ts";
import { SIGNALS, temporaryDirectory } from "./programs.ts";

/** What the demo tells, in its order. */
const STORY = new RegExp(
  [
    "Sallyport at work, all on this machine:",
    "  1  A site started that only the client can reach: http://intranet\\.test:\\d+/",
    "  2  A server started and accepts clients at 127\\.0\\.0\\.1:\\d+\\.",
    "  3  A client opened 2 TLS connections to the server",
    "  4  A request and its response passed through the tunnel in [\\d.]+ ms:",
    "     GET http://intranet\\.test:\\d+/",
    '     200 OK, \\d+ bytes: "Hello from behind the firewall"',
  ].join("[^]*\n"),
);

Deno.test("demo --once tells what happened, ends, and leaves nothing behind", async () => {
  await using directory = await temporaryDirectory();

  const { code, stdout, stderr } = await runProgram(["demo", "--once"], {
    env: { TMPDIR: directory.path },
    ms: 10_000,
  });

  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, STORY);
  assert.doesNotMatch(stdout, /Ctrl-C/);
  assert.deepEqual(await entriesOf(directory.path), []);
});

Deno.test({
  name: "demo stays up, and the command that it prints works as it is",
  // Ctrl-C of another process ends it at once on Windows.
  ignore: SIGNALS.ignore || needs("curl").ignore,
  async fn() {
    await using directory = await temporaryDirectory();
    await using demo = startProgram(["demo"], {
      env: { TMPDIR: directory.path },
    });
    await demo.waitFor(/Press Ctrl-C to stop\.\n/);
    const [, printed = ""] = /^ +curl ((?:.*\\\n)*.*)$/m.exec(demo.stdout) ??
      [];
    const args = printed.split(/[\s\\]+/);
    const [, pageUrl = "", user = ""] =
      /The page: +(\S+) \(user (\S+), same password\)/.exec(demo.stdout) ?? [];
    const password = /-U \S+:(\S+)/.exec(printed)?.[1] ?? "";

    const curl = await run(requireTool("curl"), ["-sS", ...args]);
    const page = await run(requireTool("curl"), [
      ...["-sS", "-k", "-u", `${user}:${password}`],
      pageUrl,
    ]);
    demo.signal("SIGINT");
    const { code, stdout, stderr } = await demo.exit(10_000);

    assert.deepEqual([curl.code, curl.stderr], [0, ""]);
    assert.match(curl.stdout, /<h1>Hello from behind the firewall<\/h1>/);
    assert.match(page.stdout, /<title>[^<]*Tunnels[^<]*<\/title>/i);
    assert.match(stdout, STORY);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(await entriesOf(directory.path), []);
  },
});

async function entriesOf(directory: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  return entries.map(({ name }) => name);
}

Deno.test(
  "demo ends on SIGTERM in the middle of its start, and leaves nothing behind",
  {
    ...SIGNALS,
  },
  async () => {
    await using directory = await temporaryDirectory();
    using made = Deno.watchFs(directory.path);
    await using demo = startProgram(["demo"], {
      env: { TMPDIR: directory.path },
    });
    await within(
      made[Symbol.asyncIterator]().next(),
      "a directory of the demo",
    );

    demo.signal("SIGTERM");
    const { code, stderr } = await demo.exit(10_000);

    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(await entriesOf(directory.path), []);
  },
);
