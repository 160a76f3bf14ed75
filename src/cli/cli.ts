// The command line: from arguments to an exit code.
import { ConfigError } from "../config/errors.ts";
import { PluginError } from "../plugin/api/errors.ts";
import { suggestion } from "../config/option_names.ts";
import { CA_COMMAND } from "./commands/ca_command.ts";
import { auditCommand } from "./commands/audit_command.ts";
import { BACKUP_COMMAND } from "./commands/backup_command.ts";
import { type Command, onlyArgument } from "./command.ts";
import {
  completeCommand,
  COMPLETION_COMMAND,
} from "./commands/completion_command.ts";
import { type Context, PROCESS_CONTEXT } from "./context.ts";
import { DEMO_COMMAND } from "./commands/demo_command.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import { commandHelp, overview } from "./help.ts";
import { invitationCommand } from "./commands/invitation_command.ts";
import { splitCommandLine } from "./launch/command_line.ts";
import { keyCommand } from "./commands/key_command.ts";
import { legacyCommand } from "./commands/legacy_command.ts";
import { orgCommand } from "./commands/org_command.ts";
import { SERVICES, type Services } from "./services.ts";
import { PAC_COMMAND } from "./commands/pac_command.ts";
import { PLUGIN_COMMAND } from "./commands/plugin_command.ts";
import { READY_COMMAND } from "./commands/ready_command.ts";
import { doctorCommand } from "./local/doctor_command.ts";
import { LIST_COMMAND } from "./local/list_command.ts";
import { LOGIN_COMMAND, LOGOUT_COMMAND } from "./local/login_command.ts";
import { STATUS_COMMAND } from "./local/status_command.ts";
import { STOP_COMMAND } from "./local/stop_command.ts";
import { detachedCommand, runCommand } from "./commands/run_command.ts";
import { onHangUp } from "./signals.ts";
import { serverCommand } from "./commands/server_command.ts";
import { serviceCommand } from "./commands/service_command.ts";
import { TRUST_COMMAND } from "./commands/trust_command.ts";
import { userCommand } from "./commands/user_command.ts";
import { versionText } from "../config/version.ts";

/** What tests replace. */
export interface MainOptions {
  readonly services?: Services;
  readonly context?: Context;
}

/**
 * Runs the program. An error becomes one line on standard error.
 *
 * @param args The arguments after the program's name.
 * @returns The exit code, one of `EXIT`.
 */
export async function main(
  args: readonly string[],
  { services = SERVICES, context = PROCESS_CONTEXT }: MainOptions = {},
): Promise<number> {
  try {
    return await dispatch(args, commandsWith(services), context);
  } catch (error) {
    for (const line of linesOf(error)) context.printError(line);
    return exitCodeOf(error, EXIT.notStarted);
  }
}

const VERBOSE = "--verbose";

/** A line for each mistake of a configuration; other errors are one line. */
function linesOf(error: unknown): readonly string[] {
  const message = messageOf(error);
  const hasLines = error instanceof ConfigError ||
    error instanceof PluginError && error.issues !== undefined;
  return hasLines ? message.split("\n") : [message];
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Deno.errors.NotCapable)) return text;
  const [reason] = text.split(", run again");
  return "Cannot run: Deno was started without the permissions of the " +
    `program, use "deno run -P --no-prompt main.ts" (${reason})`;
}

function commandsWith(services: Services): readonly Command[] {
  const longLived = [runCommand(services), serverCommand(services)];
  const commands: Command[] = [
    ...longLived,
    DEMO_COMMAND,
    LIST_COMMAND,
    STATUS_COMMAND,
    STOP_COMMAND,
    READY_COMMAND,
    doctorCommand(services),
    LOGIN_COMMAND,
    LOGOUT_COMMAND,
    TRUST_COMMAND,
    PLUGIN_COMMAND,
    PAC_COMMAND,
    userCommand(services),
    invitationCommand(services),
    orgCommand(services),
    keyCommand(services),
    auditCommand(services),
    CA_COMMAND,
    BACKUP_COMMAND,
    serviceCommand(longLived),
    COMPLETION_COMMAND,
    completeCommand(() => commands),
    legacyCommand(services),
    detachedCommand(services),
    {
      name: "version",
      without: ["net", "read", "write"],
      summary: "Print the version",
      usage: ["version"],
      description: "Prints version, build and runtime.",
      fields: {},
      run: (args, { print }) => {
        onlyArgument(args, []);
        print(versionText());
        return Promise.resolve(EXIT.done);
      },
    },
    {
      name: "help",
      without: ["net", "read", "write"],
      summary: "Explain a command or an option",
      usage: ["help [command] [subcommand] [option] [--verbose]"],
      description: "Explains a command, a subcommand or an option. With " +
        "--verbose it explains every option in full.",
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
  args: readonly string[],
  commands: readonly Command[],
): string {
  const [name, ...topic] = args.filter((arg) => arg !== VERBOSE);
  if (name === undefined) return overview(commands);
  const isVerbose = args.includes(VERBOSE);
  return commandHelp(find(name, commands), topic, { isVerbose });
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
  // Behind "--" they are for the command that runs with a tunnel.
  const ownWords = splitCommandLine(own).own;
  const isHelp = ownWords.includes("--help") || ownWords.includes("-h");
  if (!isHelp || command.isHidden) return start(command, own, context);
  const [subcommand = ""] = own;
  const topic = Object.hasOwn(command.subcommands ?? {}, subcommand)
    ? [command.name, subcommand]
    : [command.name];
  if (ownWords.includes(VERBOSE)) topic.push(VERBOSE);
  return start(find("help", commands), topic, context);
}

async function start(
  command: Command,
  args: readonly string[],
  context: Context,
): Promise<number> {
  // A closed terminal or a rotated log never ends what runs for days.
  using _hangUps = command.isService ? onHangUp(() => {}) : undefined;
  await context.revokePermissions(command.without ?? []);
  return await command.run(args, context);
}

function find(name: string, commands: readonly Command[]): Command {
  const command = commands.find((each) => each.name === name);
  if (command !== undefined) return command;
  const names = commands.filter((each) => !each.isHidden)
    .map((each) => each.name);
  const toDo = suggestion(name, names, 'see "sallyport help"');
  throw new ConfigError(
    "unknownName",
    `Cannot run "${name}": no such command, ${toDo}`,
  );
}
