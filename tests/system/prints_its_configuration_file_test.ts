/**
 * Promise: `config-file` prints a file with every option, explained, that says
 * the same when it is read.
 */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { runProgram } from "../testing/process.ts";
import {
  beginClientProgram,
  startServerProgram,
  temporaryDirectory,
} from "./programs.ts";

/** Options that say how the program is called; a file does not have them. */
const OF_COMMAND_LINE: readonly string[] = [
  "config-file",
  "command-proxy",
  "detach",
];

for (const command of ["run", "server"] as const) {
  Deno.test(`${command} config-file has every option of the help once, with its words, in 80 columns`, async () => {
    const help = await runProgram(["help", command]);
    const { code, stdout, stderr } = await runProgram([command, "config-file"]);

    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(stdout.split("\n").filter((line) => line.length > 80), []);
    assert.equal(parse(stdout), null, "nothing is set");
    const flags = [...help.stdout.matchAll(/^ {2}(?:-\w, | {4})--([a-z-]+)/gm)]
      .flatMap(([, name = ""]) => OF_COMMAND_LINE.includes(name) ? [] : [name]);
    assert.ok(flags.length > 10);
    for (const flag of flags) {
      const lines = stdout.match(new RegExp(`^# ${flag}:.*$`, "gm")) ?? [];
      assert.equal(lines.length, 1, flag);
    }
    const sections = [...stdout.matchAll(/^# --- (.+) ---$/gm)]
      .map(([, name]) => name);
    assert.deepEqual(sections, [...new Set(sections)]);
    // Every option that stands there as a comment is YAML.
    const options = new RegExp(`^# ((?:${flags.join("|")}):.*)$`, "gm");
    const uncommented = stdout.replace(options, "$1");
    assert.deepEqual(Object.keys(parse(uncommented)).sort(), flags.toSorted());
  });
}

Deno.test("a configuration file that config-file prints starts the same client", async () => {
  await using server = await startServerProgram();
  await using directory = await temporaryDirectory();
  const file = `${directory.path}/client.yaml`;
  const printed = await runProgram([
    "run",
    "config-file",
    "--http-dial-timeout=3s",
    "--metadata=runner=ci",
  ]);
  await Deno.writeTextFile(file, printed.stdout);

  await using client = await beginClientProgram(server, {
    args: [`--config-file=${file}`],
  });
  const answer = await fetch(`${client.apiUrl}configz`);
  const text = await answer.text();

  assert.deepEqual([printed.code, printed.stderr], [0, ""]);
  assert.match(text, /^http-dial-timeout=3s$/m);
  assert.match(text, /^metadata=runner=ci$/m);
});
