import assert from "node:assert/strict";
import { join } from "node:path";
import { needs } from "../testing/needs.ts";
import { run } from "../testing/process.ts";

const MAIN = join(import.meta.dirname ?? "", "../../main.ts");

function start(...args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", MAIN, ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("the program writes help to standard output and exits with 0", async () => {
  const child = start("help", "run");

  const [stdout, stderr, { code }] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.status,
  ]);

  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert(stdout.endsWith("second signal\n"));
});

Deno.test("the program writes one line to standard error and exits with 1", async () => {
  const child = start("--tunel-name=x");

  const [stdout, stderr, { code }] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.status,
  ]);

  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^sallyport: Cannot use "--tunel-name": .*\n$/);
});

Deno.test("nothing in an error moves the cursor of the terminal", async () => {
  const child = start("run", "--\u001b]0;owned\u0007\u009b2J=x");

  const [stdout, stderr] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.status,
  ]);

  assert.equal(stdout, "");
  // deno-lint-ignore no-control-regex -- they are what it looks for
  assert.match(stderr, /^[^\u0000-\u001f\u007f-\u009f]+\n$/);
  assert.match(stderr, /\\u001b\]0;owned\\u0007/);
});

Deno.test("the program says how it is started when it lacks its permissions", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--quiet", "--no-prompt", MAIN, "user", "list"],
  }).output();

  assert.equal(
    new TextDecoder().decode(stderr),
    "sallyport: Cannot run: Deno was started without the permissions of " +
      'the program, use "deno run -P --no-prompt main.ts" ' +
      '(Requires env access to "SALLYPORT_ADDRESS")\n',
  );
  assert.equal(code, 1);
});

Deno.test("the program does not mind when nobody reads its help", async () => {
  const child = start("help", "run");
  await child.stdout.cancel();

  const [stderr, { code }] = await Promise.all([
    child.stderr.text(),
    child.status,
  ]);

  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

Deno.test(
  "the program says that its output cannot be written, and keeps its exit code when nothing can",
  {
    ignore: Deno.build.os !== "linux" || needs("sh").ignore,
  },
  async () => {
    const { stderr } = await throughShell("help >/dev/full");
    const { code } = await throughShell("--tunel-name=x 2>/dev/full");

    assert.equal(
      stderr,
      "sallyport: Cannot write to standard output: the disk is full\n",
    );
    assert.equal(code, 1);
  },
);

async function throughShell(
  line: string,
): Promise<{ readonly stderr: string; readonly code: number }> {
  const start = `"${Deno.execPath()}" run -A --no-check --quiet "${MAIN}"`;
  return await run("sh", ["-c", `${start} ${line}`]);
}
