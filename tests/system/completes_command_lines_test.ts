/**
 * Promise: after `eval "$(sallyport completion bash)"` the shell completes
 * commands, options and values. For all shells, and more lines, see
 * `tests/cli/commands/completion_command_test.ts`.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needs } from "../testing/needs.ts";
import { run, runProgram } from "../testing/process.ts";
import { temporaryDirectory } from "./programs.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Prints what bash offers for the words of a command line. */
const ASK = `
eval "$(< "$1")"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
"$(complete -p sallyport | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
printf '%s\n' "\${COMPREPLY[@]}"
`;

Deno.test({
  ...needs("bash"),
  name: "bash completes --tunnel- once it has read the script",
  async fn() {
    await using folder = await temporaryDirectory();
    const script = `${folder.path}/completion.bash`;
    const { code, stdout, stderr } = await runProgram(["completion", "bash"]);
    assert.deepEqual([code, stderr], [0, ""]);
    await Deno.writeTextFile(script, stdout);

    const program = `${folder.path}/sallyport`;
    const command = `"${Deno.execPath()}" run -q -P --no-prompt "${MAIN}"`;
    await Deno.writeTextFile(program, `#!/bin/sh\nexec ${command} "$@"\n`, {
      mode: 0o755,
    });

    const offered = await run("bash", [
      ...["--norc", "-c", ASK, "bash", script],
      ...[program, "run", "--tunnel-"],
    ]);

    assert.equal(offered.stderr, "");
    assert.deepEqual(offered.stdout.trim().split("\n").sort(), [
      "--tunnel-connections",
      "--tunnel-domains",
      "--tunnel-max-concurrent-streams",
      "--tunnel-name",
      "--tunnel-ping-interval",
      "--tunnel-pool",
      "--tunnel-transport",
    ]);
  },
});
