/**
 * Holds documents to commands that exist: what people copy is at least
 * understood.
 */
import assert from "node:assert/strict";
import { splitCommandLine } from "../src/cli/launch/command_line.ts";
import { collectOptions, validateOptions } from "../src/config/load.ts";
import { RUN_FIELDS } from "../src/cli/tunnel/run_fields.ts";
import { SERVER_FIELDS } from "../src/config/options/server_config.ts";
import { GUIDES, read } from "./documents.ts";
import { sallyport } from "./cli/harness.ts";
import { needs } from "./testing/needs.ts";
import { run } from "./testing/process.ts";

const REQUIRED = [
  "--server=lab.example",
  "--username=jane",
  "--access-key=k",
  "--tunnel-name=lab",
] as const;

/** Lines of code, in fences or indented, from `sallyport` on. */
function commandsIn(text: string): string[] {
  const fenced = Array.from(
    text.matchAll(/^```sh\n(.*?)^```/gms),
    ([, block = ""]) => block,
  );
  const indented = text.match(/^ {4}\S.*$/gm) ?? [];
  return [...fenced, ...indented].join("\n").replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.replace(/^sudo (?:-u \w+ )?/, ""))
    .flatMap((line) => /(?:^|[^"\w:])(sallyport .*)$/.exec(line)?.[1] ?? []);
}

/** The words of a command as the shell passes them on; dots stand for more of them. */
async function wordsOf(command: string): Promise<readonly string[]> {
  const script = `sallyport() { printf '%s\\0' "$@"; }; ${command}`;
  const { code, stdout, stderr } = await run("sh", ["-c", script]);
  assert.equal(code, 0, `${command}\n${stderr}`);
  return stdout.split("\0").slice(0, -1)
    .filter((word) => word !== "..." && word !== "…");
}

const withoutVariables = () => undefined;

/** @throws When an option or a value on it does not exist. */
async function understand([name = "", ...args]: readonly string[]) {
  const environment = withoutVariables;
  switch (name) {
    case "run": {
      const collected = await collectOptions(RUN_FIELDS, {
        args: [...REQUIRED, ...splitCommandLine(args).own],
        environment,
      });
      return validateOptions(RUN_FIELDS, collected.values);
    }
    case "server": {
      const collected = await collectOptions(SERVER_FIELDS, {
        args,
        environment,
      });
      return validateOptions(SERVER_FIELDS, collected.values);
    }
    default:
      assert.equal((await sallyport(["help", name])).code, 0, name);
  }
}

/** Whether a document has the program's commands for a shell; those for PowerShell have a test of their own. */
function hasShell(text: string): boolean {
  return [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)]
    .some(([, block = ""]) => /\bsallyport /.test(block));
}

for (const document of GUIDES) {
  Deno.test(`${document} shows commands that are understood`, {
    ignore: Deno.build.os === "windows" || needs("sh").ignore,
  }, async () => {
    const text = await read(document);
    const commands = commandsIn(text);

    assert.equal(commands.length > 0, hasShell(text));
    for (const command of commands) {
      try {
        await understand(await wordsOf(command));
      } catch (cause) {
        throw new Error(`${command} is not understood`, { cause });
      }
    }
  });
}
