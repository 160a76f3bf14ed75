/** Plants every way past the helper that the rule of `programs.ts` is there for. @module */
import assert from "node:assert/strict";
import programs from "./programs.ts";

const PAST = "A program is started past tests/testing/process.ts";

function messages(filename: string, source: string): string[] {
  return Deno.lint.runPlugin(programs, filename, source)
    .map(({ message }) => message);
}

Deno.test.each([
  [`new Deno.Command("curl");`],
  [`const name = "curl"; await new Deno.Command(name, { args: [] }).output();`],
  [`new Deno.Command(Deno.execPath() + "/../curl");`],
  [`new globalThis.Deno.Command("curl");`],
  [`new Deno["Command"]("curl");`],
  [`const Start = Deno.Command; new Start("curl");`],
  [`const { Command } = Deno; new Command("curl");`],
  [`const { Command: Start } = Deno; new Start("curl");`],
  [`import { spawn } from "node:child_process"; spawn("curl");`],
  [`const { spawn } = await import("child_process"); spawn("curl");`],
])("one-helper reports %s", (source) => {
  assert.deepEqual(messages("/p/tests/http1/x_test.ts", source), [PAST]);
  assert.deepEqual(messages("/p/tests/testing/x.ts", source), [PAST]);
  assert.deepEqual(messages("/p/tests/http2/x.mjs", source), [PAST]);
});

Deno.test.each([
  [`import { run } from "../testing/process.ts"; await run("curl", []);`],
  [`new Deno.Command(Deno.execPath(), { args: ["eval", "1"] }).spawn();`],
  [`function f(command: Deno.Command): Deno.ChildProcess { return command.spawn(); }`],
  [`const source = 'new Deno.Command("curl")';`],
  [`const { args } = Deno; commander.Command("curl");`],
])("one-helper lets %s be", (source) => {
  assert.deepEqual(messages("/p/tests/http1/x_test.ts", source), []);
});

Deno.test("one-helper leaves the helper and the product alone", () => {
  const source = `new Deno.Command("curl");`;

  assert.deepEqual(messages("/p/tests/testing/process.ts", source), []);
  assert.deepEqual(messages("/p/src/cli/x.ts", source), []);
});
