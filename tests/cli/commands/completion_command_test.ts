import assert from "node:assert/strict";

import { fileURLToPath } from "node:url";
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

const DENO = Deno.execPath();
const MAIN = fileURLToPath(new URL("../../../main.ts", import.meta.url));

/** A folder with a shell's script, and with the program as `sallyport`. */
async function folderFor(
  shell: string,
): Promise<AsyncDisposable & { script: string; env: Record<string, string> }> {
  const { code, stdout, stderr } = await sallyport(["completion", shell]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const folder = await Deno.makeTempDir({ prefix: "sallyport-test-" });
  await Deno.writeTextFile(`${folder}/script`, stdout);
  await Deno.writeTextFile(
    `${folder}/sallyport`,
    `#!/bin/sh\nexec "${DENO}" run -q -P --no-prompt "${MAIN}" "$@"\n`,
    { mode: 0o755 },
  );
  return {
    script: `${folder}/script`,
    env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function bashOffers(words: readonly string[]): Promise<string[]> {
  await using folder = await folderFor("bash");
  const { stdout, stderr } = await run("bash", [
    "--norc",
    "-c",
    ASK_BASH,
    "bash",
    folder.script,
    ...words,
  ], { env: folder.env });
  assert.equal(stderr, "");
  return stdout.trim().split("\n").filter((line) => line !== "");
}

async function fishOffers(line: string): Promise<string[]> {
  await using folder = await folderFor("fish");
  const { stdout, stderr } = await run("fish", [
    "--no-config",
    "-c",
    'source $argv[1]; complete -C "$argv[2]"',
    folder.script,
    line,
  ], { env: folder.env });
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
      "--tunnel-ping-interval",
      "--tunnel-pool",
      "--tunnel-transport",
    ],
  ],
  [["--tunnel-n"], ["--tunnel-name"]],
  [["pl"], ["plugin"]],
  [["run", "con"], ["config-file"]],
  [["completion", ""], ["bash", "fish", "powershell", "zsh"]],
  [["help", "ser"], ["server", "service"]],
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
  await using folder = await folderFor("zsh");
  const { code, stdout, stderr } = await run("zsh", [
    "-f",
    "-c",
    'autoload -U compinit; compinit -u -D; source "$1"; print $_comps[sallyport]',
    "zsh",
    folder.script,
  ]);
  assert.deepEqual(
    { code, stdout, stderr },
    { code: 0, stdout: "_sallyport\n", stderr: "" },
  );
});

const ASKED: readonly (readonly [string[], string])[] = [
  [
    [":r"],
    "run\tOpen a tunnel (the default command)\nready\tCheck whether a running client or server is ready\n",
  ],
  [[":__"], ""],
  [
    [":--tunnel-n", "run"],
    "--tunnel-name\tName of the tunnel, or of the pool it joins\n",
  ],
  [[":c", "run"], "config-file\t\n"],
  [[":c", "run", "--tunnel-pool"], ""],
  [[":", "run", "--log-format"], "text\t\njson\t\n"],
  [[":--log-format=j", "run"], "--log-format=json\t\n"],
  [["::j", "run"], ""],
  [[":j", "run", "--log-format", "="], "json\t\n"],
  [[":", "run", "-c"], ":path\n"],
  [[":--config-file=/a", "run"], ":path\n"],
  [[":", "run", "-u"], ""],
  [
    [":--h", "run", "--help"],
    "--header\tAdd, set or remove request fields\n--host-override\tFixed addresses of a name, or of *.name\n--hosts-file\tHosts file, used before the system's\n--http-dial-attempts\tAttempts to connect to a site\n",
  ],
  [[":", "nothing"], ""],
];

for (const [args, offered] of ASKED) {
  Deno.test(`"__complete ${args.join(" ")}" gives candidates with descriptions`, async () => {
    const { code, stdout, stderr } = await sallyport(["__complete", ...args]);

    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    if (offered === "") assert.equal(stdout, "");
    else assert.ok(stdout.startsWith(offered), stdout);
  });
}

Deno.test("the powershell script calls the program, and says that it is untested", async () => {
  const { code, stdout } = await sallyport(["completion", "powershell"]);
  assert.equal(code, 0);
  assert.match(stdout, /^# .*\(untested\)$/m);
  assert.match(
    stdout,
    /Register-ArgumentCompleter -Native -CommandName sallyport/,
  );
  assert.match(stdout, / __complete ":\$wordToComplete" @before/);
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
  Deno.test(`completion ${args.join(" ")} prints what to write`, async () => {
    assert.deepEqual(await sallyport(["completion", ...args]), {
      code: 1,
      stdout: "",
      stderr: `sallyport: ${line}\n`,
    });
  });
}
