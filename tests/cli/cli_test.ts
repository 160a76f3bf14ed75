import assert from "node:assert/strict";

import manifest from "../../deno.json" with { type: "json" };
import { sallyport } from "./harness.ts";

const MISTAKES = [
  [
    ["rnu"],
    'Cannot run "rnu": no such command, did you mean "run"?',
  ],
  [
    ["tunnel"],
    'Cannot run "tunnel": no such command, see "sallyport help"',
  ],
  [
    ["help", "sevrer"],
    'Cannot run "sevrer": no such command, did you mean "server"?',
  ],
  [
    ["help", "run", "zzzzzz"],
    'Cannot use "zzzzzz": unexpected argument, see --help',
  ],
  [
    ["run", "--tunnel-nam", "x"],
    'Cannot use "--tunnel-nam": no such option, did you mean "--tunnel-name"?',
  ],
  [
    ["--tunel-pool"],
    'Cannot use "--tunel-pool": no such option, did you mean "--tunnel-pool"?',
  ],
  [
    ["server", "--tunnel-name=x"],
    'Cannot use "--tunnel-name": no such option, see --help',
  ],
  [
    ["run", "confg-file"],
    'Cannot use "confg-file": unexpected argument, did you mean "config-file"?',
  ],
  [
    ["run", "--tunnel-pool", "false"],
    'Cannot use "false": unexpected argument, see --help',
  ],
  [
    ["version", "now"],
    'Cannot use "now": unexpected argument, see --help',
  ],
] as const;

for (const [args, line] of MISTAKES) {
  Deno.test(`"sallyport ${args.join(" ")}" prints one line and exits with 1`, async () => {
    assert.deepEqual(await sallyport(args), {
      code: 1,
      stdout: "",
      stderr: `sallyport: ${line}\n`,
    });
  });
}

for (const args of [["version"], ["--version"]]) {
  Deno.test(`"sallyport ${args.join(" ")}" says what is running`, async () => {
    const { code, stdout, stderr } = await sallyport(args);

    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const names = stdout.trimEnd().split("\n").map((line) =>
      line.split(":")[0]
    );
    assert.deepEqual(names, [
      "Version",
      "Build time",
      "Git commit",
      "Deno",
      "V8",
      "TypeScript",
      "OS/Arch",
    ]);
    assert(stdout.startsWith(`Version:    ${manifest.version}\n`));
  });
}

/** Ways to ask for the same help. */
const SAME_HELP: readonly (readonly (readonly string[])[])[] = [
  [["help"], ["--help"], ["-h"], [], ["help", "--verbose"]],
  [
    ["help", "run"],
    ["run", "--help"],
    ["run", "-h"],
    ["--tunnel-name", "x", "-h"],
  ],
  [
    ["help", "run", "--verbose"],
    ["run", "--help", "--verbose"],
    ["--verbose", "-h"],
  ],
  [["help", "run", "config-file"], ["run", "config-file", "-h"]],
];

Deno.test("every way to ask for help gives the same text, and each topic has its own", async () => {
  const texts = new Set<string>();
  for (const [first = [], ...others] of SAME_HELP) {
    const { code, stdout, stderr } = await sallyport(first);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    texts.add(stdout);
    for (const args of others) {
      assert.deepEqual(
        await sallyport(args),
        { code, stdout, stderr },
        args.join(" "),
      );
    }
  }

  assert.equal(texts.size, SAME_HELP.length);
});

/** Command → the permissions that it gives up before it does anything. */
const GIVEN_UP: readonly (readonly [command: string, kinds: string])[] = [
  ["help", "net read write"],
  ["version", "net read write"],
  ["completion bash", "net read write"],
  ["pac --help-me", "write"],
  ["user --help-me", "net"],
  ["org --help-me", "net"],
  ["key --help-me", "net"],
  ["audit --help-me", "net"],
  ["backup --help-me", "net"],
];

for (const [command, kinds] of GIVEN_UP) {
  Deno.test(`"sallyport ${command}" gives up ${kinds}`, async () => {
    const revoked: string[] = [];

    await sallyport(command.split(" "), { revoked });

    assert.deepEqual(revoked.toSorted(), kinds.split(" "));
  });
}
