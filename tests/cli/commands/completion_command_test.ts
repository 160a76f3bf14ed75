import assert from "node:assert/strict";

import { needs } from "../../testing/needs.ts";
import { run } from "../../testing/process.ts";
import { sallyport } from "../harness.ts";

/** Prints what bash offers for the words of a command line, sorted. */
const ASK_BASH = `
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_sallyport
printf '%s\\n' "\${COMPREPLY[@]}" | sort
`;

async function scriptFor(
  shell: string,
): Promise<AsyncDisposable & { path: string }> {
  const { code, stdout, stderr } = await sallyport(["completion", shell]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const path = await Deno.makeTempFile({ prefix: "sallyport-test-" });
  await Deno.writeTextFile(path, stdout);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

async function bashOffers(words: readonly string[]): Promise<string[]> {
  await using script = await scriptFor("bash");
  const { stdout, stderr } = await run("bash", [
    "--norc",
    "-c",
    ASK_BASH,
    "bash",
    script.path,
    ...words,
  ]);
  assert.equal(stderr, "");
  return stdout.trim().split("\n").filter((line) => line !== "");
}

async function fishOffers(line: string): Promise<string[]> {
  await using script = await scriptFor("fish");
  const { stdout, stderr } = await run("fish", [
    "--no-config",
    "-c",
    'source $argv[1]; complete -C "$argv[2]"',
    script.path,
    line,
  ]);
  assert.equal(stderr, "");
  return stdout.trim().split("\n").map((each) => each.split("\t")[0] ?? "")
    .filter((each) => each !== "").sort();
}

const LINES: readonly (readonly [string[], string[]])[] = [
  [
    ["run", "--tunnel-"],
    [
      "--tunnel-connections",
      "--tunnel-domains",
      "--tunnel-max-concurrent-streams",
      "--tunnel-name",
      "--tunnel-pool",
    ],
  ],
  [["--tunnel-n"], ["--tunnel-name"]],
  [["pl"], ["plugin"]],
  [["run", "con"], ["config-file"]],
  [["completion", ""], ["bash", "fish", "powershell", "zsh"]],
  [["help", "ser"], ["server"]],
  [["run", "--log-format", ""], ["json", "text"]],
  [["run", "--shared", "a"], ["all"]],
  [["run", "--username", ""], []],
];

const BASH = needs("bash");
const FISH = needs("fish");
const ZSH = needs("zsh");

for (const [words, offered] of LINES) {
  const line = ["sallyport", ...words].join(" ");

  Deno.test(`bash completes "${line}"`, BASH, async () => {
    const found = await bashOffers(["sallyport", ...words]);
    assert.deepEqual(found.filter((each) => each !== "--help"), offered);
  });

  Deno.test(`fish completes "${line}"`, FISH, async () => {
    const found = await fishOffers(line);
    assert.deepEqual(found.filter((each) => each !== "--help"), offered);
  });
}

Deno.test("bash completes a value after an equals sign", BASH, async () => {
  const words = ["sallyport", "run", "--log-format", "=", "j"];
  assert.deepEqual(await bashOffers(words), ["json"]);
});

Deno.test("zsh reads the script and registers it", ZSH, async () => {
  await using script = await scriptFor("zsh");
  const { code, stdout, stderr } = await run("zsh", [
    "-f",
    "-c",
    'autoload -U compinit; compinit -u -D; source "$1"; print $_comps[sallyport]',
    "zsh",
    script.path,
  ]);
  assert.deepEqual(
    { code, stdout, stderr },
    { code: 0, stdout: "_sallyport\n", stderr: "" },
  );
});

Deno.test("powershell is given every command and option, long names only", async () => {
  const { code, stdout } = await sallyport(["completion", "powershell"]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^ {4}'run' = 'Open a tunnel \(the default command\)'$/m,
  );
  assert.match(stdout, /^ {6}'--tunnel-name' = 'Name of the tunnel, /m);
  assert.match(stdout, /^ {4}'run --log-format' = @\('text', 'json'\)$/m);
  assert.match(stdout, /^ {4}'run' = @\('config-file'\)$/m);
});

for (
  const [args, line] of [
    [
      [],
      'Cannot complete: the shell is missing, use "sallyport completion bash|zsh|fish|powershell"',
    ],
    [
      ["bsh"],
      'Cannot use "bsh": unexpected argument, did you mean "bash"?',
    ],
  ] as const
) {
  Deno.test(`completion ${args.join(" ")} is answered with what to write`, async () => {
    assert.deepEqual(await sallyport(["completion", ...args]), {
      code: 1,
      stdout: "",
      stderr: `sallyport: ${line}\n`,
    });
  });
}
