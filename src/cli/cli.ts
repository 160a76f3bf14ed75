/**
 * The command line: from arguments to an exit code.
 *
 * @module
 */
import { ConfigError } from "../config/errors.ts";
import { suggestion } from "../config/sources/names.ts";
import { auditCommand } from "./commands/audit_command.ts";
import { BACKUP_COMMAND } from "./commands/backup_command.ts";
import { type Command, onlyWord, unexpected } from "./command.ts";
import { completionCommand } from "./commands/completion_command.ts";
import { type Context, PROCESS } from "./context.ts";
import { DEMO_COMMAND } from "./commands/demo_command.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import { commandHelp, nestedHelp, overview } from "./help.ts";
import { keyCommand } from "./commands/key_command.ts";
import { LEGACY_COMMAND } from "./commands/legacy_command.ts";
import { orgCommand } from "./commands/org_command.ts";
import type { Parts } from "./parts.ts";
import { PAC_COMMAND } from "./commands/pac_command.ts";
import { PLUGIN_COMMAND } from "./commands/plugin_command.ts";
import { READY_COMMAND } from "./commands/ready_command.ts";
import { runCommand } from "./commands/run_command.ts";
import { serverCommand } from "./commands/server_command.ts";
import { userCommand } from "./commands/user_command.ts";
import { versionText } from "../config/version.ts";
import { PARTS } from "./wired_parts.ts";

/** What tests may put in the place of the real thing. */
export interface MainOptions {
  readonly parts?: Parts;
  readonly context?: Context;
}

/**
 * Runs the program. Errors become one line on standard error.
 *
 * @param args The arguments after the program's name.
 * @returns The exit code; `exit_code.ts` lists them.
 */
export async function main(
  args: readonly string[],
  { parts = PARTS, context = PROCESS }: MainOptions = {},
): Promise<number> {
  try {
    return await dispatch(args, commandsWith(parts), context);
  } catch (error) {
    context.complain(messageOf(error));
    return exitCodeOf(error, EXIT.notStarted);
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof Deno.errors.NotCapable)) return error.message;
  const [reason] = error.message.split(", run again");
  return "Cannot go on: Deno was started without the permissions of the " +
    `program, start it with "deno run -P --no-prompt main.ts" (${reason})`;
}

function commandsWith(parts: Parts): readonly Command[] {
  const commands: Command[] = [
    runCommand(parts),
    serverCommand(parts),
    DEMO_COMMAND,
    READY_COMMAND,
    PLUGIN_COMMAND,
    PAC_COMMAND,
    userCommand(parts),
    orgCommand(parts),
    keyCommand(parts),
    auditCommand(parts),
    BACKUP_COMMAND,
    completionCommand(() => commands),
    LEGACY_COMMAND,
    {
      name: "version",
      without: ["net", "read", "write"],
      summary: "Say which version this is",
      usage: ["version"],
      description: "Prints version, build and runtime.",
      fields: {},
      run: (args, { print }) => {
        onlyWord(args, []);
        print(versionText());
        return Promise.resolve(EXIT.done);
      },
    },
    {
      name: "help",
      without: ["net", "read", "write"],
      summary: "Explain a command",
      usage: ["help [command] [word]"],
      description: "Prints what a command does, and its options.",
      fields: {},
      run: (topic, { print }) => {
        print(helpOf(topic, commands));
        return Promise.resolve(EXIT.done);
      },
    },
  ];
  return commands;
}

function helpOf(
  [topic, word, extra]: readonly string[],
  commands: readonly Command[],
): string {
  if (extra !== undefined) throw unexpected(extra);
  if (topic === undefined) return overview(commands);
  const command = find(topic, commands);
  if (word === undefined) return commandHelp(command);
  const { nested = {} } = command;
  const found = Object.hasOwn(nested, word) ? nested[word] : undefined;
  if (found === undefined) throw unexpected(word, Object.keys(nested));
  return nestedHelp(command, word, found);
}

function dispatch(
  args: readonly string[],
  commands: readonly Command[],
  context: Context,
): Promise<number> {
  const [first = "--help", ...rest] = args;
  switch (first) {
    case "-h":
    case "--help":
      return start(find("help", commands), rest, context);
    case "--version":
      return start(find("version", commands), rest, context);
  }
  const isOption = first.startsWith("-");
  const command = find(isOption ? "run" : first, commands);
  const own = isOption ? args : rest;
  const asksForHelp = own.includes("--help") || own.includes("-h");
  if (!asksForHelp) return start(command, own, context);
  const [word = ""] = own;
  const isNested = Object.hasOwn(command.nested ?? {}, word);
  const topic = isNested ? [command.name, word] : [command.name];
  return start(find("help", commands), topic, context);
}

async function start(
  command: Command,
  args: readonly string[],
  context: Context,
): Promise<number> {
  await context.giveUp(command.without ?? []);
  return await command.run(args, context);
}

function find(name: string, commands: readonly Command[]): Command {
  const command = commands.find((each) => each.name === name);
  if (command !== undefined) return command;
  const names = commands.map((each) => each.name);
  const toDo = suggestion(name, names, 'see "sallyport help"');
  throw new ConfigError(
    "unknownName",
    `Cannot run "${name}": there is no such command, ${toDo}`,
  );
}
