/** What a shell offers for a word, by what stands before it. */
import assert from "node:assert/strict";
import type { Command } from "../../../src/cli/command.ts";
import { complete } from "../../../src/cli/completion/candidates.ts";
import type { AnyOptionFields } from "../../../src/config/field.ts";

const FIELDS = {
  logLevel: {
    arity: "value",
    placeholder: "info|debug|none",
    summary: "Level",
    short: "l",
  },
  logFile: { arity: "value", placeholder: "path", summary: "File" },
  quiet: { arity: "switch", summary: "Quiet" },
  port: { arity: "value", placeholder: "number", summary: "Port" },
  shared: { arity: "value", placeholder: "all", summary: "Shared" },
} as unknown as AnyOptionFields;

function command(
  name: string,
  usage: readonly string[],
  more: Partial<Command> = {},
): Command {
  return {
    ...{ name, usage, summary: `${name}!`, description: "", fields: {} },
    run: () => Promise.resolve(0),
    ...more,
  };
}

const COMMANDS: readonly Command[] = [
  command("run", ["run [options]", "run config-file [options]"], {
    fields: FIELDS,
  }),
  command("completion", ["completion <bash|zsh>"]),
  command("user", ["user add <name>", "user list"]),
  command("help", ["help [command]"]),
  command("secret", ["secret"], { isHidden: true }),
];

/** The texts that are offered for a line whose last word is not complete. */
function offered(line: string): readonly string[] | "path" {
  const words = line.split(" ");
  const found = complete(words.at(-1) ?? "", words.slice(0, -1), COMMANDS);
  return found === "path" ? found : found.map(({ text }) => text);
}

const OPTIONS = [
  ...["--log-level", "--log-file", "--quiet", "--port", "--shared"],
  "--help",
];

/** The line → what is offered. */
const LINES: readonly (readonly [string, readonly string[] | "path"])[] = [
  ["", ["run", "completion", "user", "help"]],
  ["ru", ["run"]],
  ["se", []],
  ["x", []],
  ["-", OPTIONS],
  ["--log", ["--log-level", "--log-file"]],
  ["run ", ["config-file", ...OPTIONS]],
  ["run c", ["config-file"]],
  ["run config-file ", OPTIONS],
  ["run config-file --q", ["--quiet"]],
  ["--quiet ", OPTIONS],
  ["completion ", ["bash", "zsh", "--help"]],
  ["completion b", ["bash"]],
  ["user ", ["add", "list", "--help"]],
  ["user add ", ["--help"]],
  ["help ", ["run", "completion", "user", "help", "--help"]],
  ["odd ", []],
  // Values of options, in three spellings.
  ["run --log-level ", ["info", "debug", "none"]],
  ["run --log-level d", ["debug"]],
  ["run -l i", ["info"]],
  ["run --log-level = d", ["debug"]],
  ["run --log-level =", ["info", "debug", "none"]],
  ["run --log-level=d", ["--log-level=debug"]],
  ["--log-level=", [
    "--log-level=info",
    "--log-level=debug",
    "--log-level=none",
  ]],
  ["run --shared ", ["all"]],
  ["run --port ", []],
  ["run --port=", []],
  ["run --log-file ", "path"],
  ["run --log-file=a", "path"],
  ["run --quiet=", []],
  ["run --odd=", []],
];

for (const [line, wanted] of LINES) {
  Deno.test(`"${line}" offers ${wanted === "path" ? "paths" : wanted.join(" ")}`, () => {
    assert.deepEqual(offered(line), wanted);
  });
}

Deno.test("each candidate has its description", () => {
  assert.deepEqual(complete("run", [], COMMANDS), [
    { text: "run", description: "run!" },
  ]);
  assert.deepEqual(complete("--q", ["run"], COMMANDS), [
    { text: "--quiet", description: "Quiet" },
  ]);
  assert.deepEqual(complete("--h", ["run"], COMMANDS), [
    { text: "--help", description: "Explain the command" },
  ]);
});
