/** @module */
import assert from "node:assert/strict";
import { run, spawn, TestProcess } from "./process.ts";

function evaluate(code: string): TestProcess {
  return new TestProcess(Deno.execPath(), ["eval", code]);
}

Deno.test("a process gives its output and its exit code", async () => {
  const exit = await run(Deno.execPath(), [
    "eval",
    "console.log('out'); console.error('err'); Deno.exit(3)",
  ]);

  assert.deepEqual(exit, { code: 3, stdout: "out\n", stderr: "err\n" });
});

Deno.test("a process is waited for line by line and gets signals", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using child = evaluate(`
    Deno.addSignalListener("SIGTERM", () => { console.log("bye"); Deno.exit(7); });
    console.log("port 1234");
    setInterval(() => {}, 1000);
  `);

  const [, port] = await child.waitFor(/port (\d+)/);
  child.signal("SIGTERM");
  const { code, stdout } = await child.exit();

  assert.equal(port, "1234");
  assert.equal(code, 7);
  assert.match(stdout, /bye\n$/);
});

Deno.test("waiting for what never comes fails with all output", async () => {
  await using child = evaluate("console.log('something else')");

  await assert.rejects(child.waitFor(/ready/), /something else/);
});

Deno.test("a process that still runs is killed at the end", async () => {
  let pid: number;
  {
    await using child = evaluate(
      "console.log('up'); setInterval(() => {}, 1000)",
    );
    await child.waitFor(/up/);
    pid = child.pid;
  }

  assert.throws(() => Deno.kill(pid, "SIGTERM"));
});

Deno.test("a program that tests/testing/needs.ts does not know is not started", () => {
  const message =
    'Cannot start "wget": tests/testing/needs.ts does not know it';

  assert.throws(() => spawn("wget"), { message });
  assert.throws(() => new TestProcess("wget", []), { message });
});

Deno.test("a program is not started for a test that does not say that it needs it", () => {
  assert.throws(() => new TestProcess("curl", ["--version"]), {
    message: 'Cannot start "curl": the test does not say needs("curl")',
  });
});
