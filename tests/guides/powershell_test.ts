/** Commands that a POSIX shell and PowerShell take in different ways stand in documents for both. */
import assert from "node:assert/strict";
import { GUIDES } from "../documents.ts";
import { findTool, needs } from "../testing/needs.ts";
import { PowerShellReader } from "../testing/powershell.ts";
import { run } from "../testing/process.ts";
import { type Block, blocksOf } from "./blocks.ts";
import {
  differsOnWindows,
  powerShellWords,
  wordsOfPowerShell,
  wordsOfShell,
} from "./shells.ts";

const SH = { ignore: needs("sh").ignore || Deno.build.os === "windows" };
/** Machines of CI have it. In a registry that everybody reaches it is not. */
const PWSH = findTool("pwsh") === undefined ? { ignore: true } : needs("pwsh");

/** A heading that says for which system its commands are. */
const OF_ONE_SYSTEM = /\b(?:Linux|macOS)\b/;

/** The commands of a document, each with the one for PowerShell that follows. */
async function pairsOf(
  document: string,
): Promise<readonly (readonly [sh: Block, ps: Block | undefined])[]> {
  const blocks = await blocksOf(document);
  return blocks.flatMap((block, at) => {
    if (block.language !== "sh") return [];
    const next = blocks[at + 1];
    const follows = next?.language === "powershell" &&
      next.before.trim() === "";
    return [[block, follows ? next : undefined] as const];
  });
}

/** The heading above each block, by its line. */
async function headingsOf(
  document: string,
): Promise<ReadonlyMap<number, string>> {
  let heading = "";
  const headings = new Map<number, string>();
  for (const { before, line } of await blocksOf(document)) {
    heading = before.match(/^#+ .*$/gm)?.at(-1) ?? heading;
    headings.set(line, heading);
  }
  return headings;
}

for (const document of GUIDES) {
  Deno.test(`${document} has for Windows what differs there`, async () => {
    const headings = await headingsOf(document);
    const missing = (await pairsOf(document)).filter(([sh, ps]) =>
      ps === undefined && differsOnWindows(sh) &&
      !OF_ONE_SYSTEM.test(headings.get(sh.line) ?? "")
    );

    assert.deepEqual(
      missing.map(([{ line, text }]) => `${document}:${line}\n${text}`),
      [],
    );
  });

  Deno.test(
    `PowerShell starts what the shell starts in ${document}`,
    SH,
    async () => {
      for (const [sh, ps] of await pairsOf(document)) {
        if (ps === undefined) continue;
        assert.deepEqual(
          wordsOfPowerShell(ps),
          await wordsOfShell(sh),
          `${document}:${ps.line}`,
        );
      }
    },
  );
}

async function powerShellBlocks(): Promise<readonly Block[]> {
  const all = await Promise.all(GUIDES.map(blocksOf));
  return all.flat().filter(({ language }) => language === "powershell");
}

Deno.test("blocks of PowerShell are correct PowerShell", async () => {
  using reader = await PowerShellReader.load();
  const isCorrect = (text: string) => reader.read(text).isCorrect;

  assert.ok(!isCorrect('$env:A = "b\n'));
  for (const { document, line, text } of await powerShellBlocks()) {
    assert.ok(isCorrect(text), `${document}:${line}\n${text}`);
  }
});

Deno.test(
  "PowerShell itself finds no mistake in the blocks",
  PWSH,
  async () => {
    const path = await Deno.makeTempFile({ suffix: ".ps1" });
    const command = "$tokens = $null; $errors = $null; " +
      "[void][System.Management.Automation.Language.Parser]::ParseFile(" +
      `'${path}', [ref]$tokens, [ref]$errors); ` +
      "$errors | ForEach-Object { $_.Message }";
    try {
      for (const { document, line, text } of await powerShellBlocks()) {
        await Deno.writeTextFile(path, text);
        const { code, stdout } = await run("pwsh", [
          ...["-NoProfile", "-NonInteractive", "-Command", command],
        ], { ms: 60_000 });
        assert.deepEqual([code, stdout.trim()], [0, ""], `${document}:${line}`);
      }
    } finally {
      await Deno.remove(path);
    }
  },
);

Deno.test("powerShellWords() refuses what PowerShell takes in its own way", () => {
  const words = (text: string) => powerShellWords(text, new Map([["K", "v"]]));

  assert.deepEqual(words("a 'b c' \"d $env:K\" `\n e$env:K # f"), [
    ...["a", "b c", "d v", "ev"],
  ]);
  for (const text of ["a b,c", "a $K", "a (b)", "a @b", "a; b", "a | b"]) {
    assert.throws(() => words(text), /in its own way/, text);
  }
});

Deno.test("differsOnWindows() finds what PowerShell does not take", () => {
  const differs = (text: string) =>
    differsOnWindows({
      ...{ document: "", language: "sh", line: 1, before: "" },
      text,
    });

  for (
    const text of [
      ...["A=b c", "export A=b", "a $(b)", 'a "$B"', "a \\\n  b", "curl a"],
      ...["a ~/b", "sudo a", "chmod 1 a", "a <<EOF", "a && b", "a b,c"],
    ]
  ) assert.ok(differs(text), text);
  for (const text of ["a --b=c", "a '$b,c'", "npx --yes a", "a ./b"]) {
    assert.ok(!differs(text), text);
  }
});
