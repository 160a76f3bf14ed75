import assert from "node:assert/strict";
import {
  splitCommandLine,
  startsPrograms,
} from "../../../src/cli/launch/command_line.ts";

Deno.test("splitCommandLine() parts at the first --, and leaves the rest as it is", () => {
  assert.deepEqual(
    splitCommandLine(["run", "-i", "a", "--", "npm", "--", "x"]),
    {
      own: ["run", "-i", "a"],
      command: ["npm", "--", "x"],
    },
  );
  assert.deepEqual(splitCommandLine(["run", "-i", "a"]), {
    own: ["run", "-i", "a"],
    command: undefined,
  });
  assert.deepEqual(splitCommandLine(["--"]), { own: [], command: [] });
});

Deno.test("only run with a command starts programs", () => {
  for (
    const args of [
      ["run", "--", "a"],
      ["-i", "lab", "--", "a"],
      ["--", "a"],
      ["run", "-i", "lab", "--detach"],
      ["--detach=true"],
    ]
  ) {
    assert.ok(startsPrograms(args), args.join(" "));
  }
  for (
    const args of [
      [],
      ["run"],
      ["run", "--server=a"],
      ["server", "--", "a"],
      ["plugin", "test", "--", "a"],
      ["help", "run"],
      ["stop", "--detach"],
    ]
  ) {
    assert.ok(!startsPrograms(args), args.join(" "));
  }
});
