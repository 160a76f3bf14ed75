/**
 * What differs between a POSIX shell and PowerShell, and the words that both
 * pass on to programs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../testing/process.ts";
import { type Block, commandsOf } from "./blocks.ts";

/** Programs that documents start on every system. */
const PROGRAMS = ["sallyport", "curl", "docker", "kubectl", "helm"] as const;

/** What a POSIX shell means by it is not what PowerShell means. */
const DIFFERENCES: readonly RegExp[] = [
  /\\\n/, // a line that goes on
  /^\w+=/m, // a variable in front, or alone
  /\$[\w({]/, // a variable, the output of a command
  /(?:^|[\s|;&])(?:export|alias|sudo|chmod|chown|curl)\s/m,
  /(?:^|[\s=])~/m, // the home directory
  /<<|&&|\|\|/,
  /(?:^|\s)@/m, // a file of curl, splatting
];

/** Whether people on Windows need another text. */
export function differsOnWindows({ text }: Block): boolean {
  const bare = text.replaceAll(/'[^'\n]*'/g, "''");
  // An array in PowerShell, which passes two words on.
  const hasList = /[^\s"'],[^\s"']/.test(bare.replaceAll(/"[^"\n]*"/g, '""'));
  return hasList || DIFFERENCES.some((each) => each.test(bare));
}

/** The words of each program that a block starts, its name first. */
export async function wordsOfShell({ text }: Block): Promise<string[][]> {
  const shims = PROGRAMS.map((name) =>
    `${name}() { printf '%s\\037' ${name} "$@"; printf '\\036'; }\n`
  ).join("");
  // What is random has the same value on both sides.
  const plain = text.replaceAll(/^alias .*\n/gm, "");
  const script = `${shims}openssl() { echo random; }\nKEY=key\n${plain}`;
  const { code, stdout, stderr } = await run("sh", ["-ec", script]);
  assert.equal(code, 0, `${text}\n${stderr}`);
  return stdout.split("\x1e").slice(0, -1)
    .map((words) => words.split("\x1f").slice(0, -1));
}

const ASSIGNMENT = /^\$env:(\w+) = (.+?)(?: +#.*)?$/;
const STRING = /^"([^"]*)"$/;

/** The same of a block of PowerShell. @throws If a word is not what it looks like. */
export function wordsOfPowerShell(block: Block): string[][] {
  const variables = new Map<string, string>([["KEY", "key"]]);
  const started: string[][] = [];
  for (const command of commandsOf(block)) {
    const [, name = "", value = ""] = ASSIGNMENT.exec(command) ?? [];
    if (name !== "") {
      variables.set(name, STRING.exec(value)?.[1] ?? "random");
      continue;
    }
    // In place of an alias.
    if (command.startsWith("function ")) continue;
    const [program = "", ...words] = powerShellWords(command, variables);
    assert.notEqual(program, "curl", "PowerShell 5 has an alias of this name");
    const plain = program.replace(/\.exe$/, "");
    if (PROGRAMS.some((each) => each === plain)) {
      started.push([plain, ...words]);
    }
  }
  return started;
}

/** One word, or what is between two of them. */
const TOKEN =
  /(?<space>(?:\s|`\n)+)|(?<comment>#.*)|'(?<literal>(?:[^']|'')*)'|"(?<text>[^"`]*)"|\$env:(?<variable>\w+)|(?<bare>[^\s'"`$#,;(){}|&<>@]|(?<=\S)[#@])/uy;

/** The words of one command. @throws If PowerShell takes a character in another way than a shell. */
export function powerShellWords(
  command: string,
  variables: ReadonlyMap<string, string>,
): readonly string[] {
  const valueOf = (name = "") => variables.get(name) ?? "";
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < command.length;) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(command)?.groups;
    assert.ok(groups, `PowerShell reads "${command.slice(at)}" in its own way`);
    at = TOKEN.lastIndex;
    if (groups["space"] !== undefined || groups["comment"] !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word = (word ?? "") +
      (groups["bare"] ?? groups["literal"]?.replaceAll("''", "'") ??
        groups["text"]?.replaceAll(
          /\$env:(\w+)/g,
          (_, name) => valueOf(name),
        ) ?? valueOf(groups["variable"]));
  }
  return word === undefined ? words : [...words, word];
}
