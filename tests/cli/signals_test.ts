import assert from "node:assert/strict";
import { join } from "node:path";

import { actionFor } from "../../src/cli/signals.ts";

const ARGS = ["run", "--server=x", "-u=a", "-k=s3cr3t", "-i=b"];

/** Starts the fake program and sends it a signal after each line that ends in one of `steps`. */
async function signalled(
  mode: string,
  steps: readonly (readonly [string, Deno.Signal])[],
): Promise<{ code: number; lines: readonly string[]; stderr: string }> {
  const script = join(import.meta.dirname ?? "", "fake_program.ts");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", script, mode, ...ARGS],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const waiting = [...steps];
  let stdout = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    stdout += text;
    const [next] = waiting;
    if (next === undefined || !stdout.includes(`${next[0]}\n`)) continue;
    waiting.shift();
    child.kill(next[1]);
  }
  const { code } = await child.status;
  const lines = stdout.trimEnd().split("\n").map((line) =>
    line.replace(/^.*?\] \[INFO\] /, "")
  );
  return { code, lines: lines.slice(2), stderr: await stderr };
}

const ignore = Deno.build.os === "windows";

for (const signal of ["SIGINT", "SIGTERM", "SIGQUIT"] as const) {
  Deno.test({
    name: `${signal} stops the client in order: exit code 0, nothing on stderr`,
    ignore,
    async fn() {
      assert.deepEqual(await signalled("graceful", [["up", signal]]), {
        code: 0,
        lines: ["up", `stopping reason=${signal.toLowerCase()}`],
        stderr: "",
      });
    },
  });
}

Deno.test({
  name: "a second signal exits at once with 130",
  ignore,
  async fn() {
    const { code, lines } = await signalled("stuck", [
      ["up", "SIGINT"],
      ["stopping reason=sigint", "SIGTERM"],
    ]);

    assert.equal(code, 130);
    assert.deepEqual(lines, ["up", "stopping reason=sigint"]);
  },
});

Deno.test({
  name: "a signal during the start gives it up: exit code 0",
  ignore,
  async fn() {
    assert.deepEqual(await signalled("starting", [["up", "SIGTERM"]]), {
      code: 0,
      lines: ["up"],
      stderr: "",
    });
  },
});

const FIRST = { name: "SIGINT", at: 1000 } as const;

Deno.test("actionFor() takes the same signal again at once for an echo", () => {
  assert.equal(actionFor(FIRST, undefined), "stop");
  assert.equal(actionFor({ name: "SIGINT", at: 1300 }, FIRST), "ignore");
  assert.equal(actionFor({ name: "SIGINT", at: 1301 }, FIRST), "exit");
  assert.equal(actionFor({ name: "SIGTERM", at: 1001 }, FIRST), "exit");
});
