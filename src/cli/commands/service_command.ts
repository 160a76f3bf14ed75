// `sallyport service`: client and server as services of the system.
import { ConfigError, Mistakes } from "../../config/errors.ts";
import { validateOptions } from "../../config/load.ts";
import { readArgv } from "../../config/sources/argv.ts";
import {
  type Command,
  missingArgument,
  onlyArgument,
  type Subcommand,
  unexpectedArgument,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT, exitCodeOf } from "../exit_code.ts";
import { checkConfiguration, checkProgram, exists } from "../service/checks.ts";
import { removeFiles, writeFiles } from "../service/service_files.ts";
import {
  place,
  type PlacedService,
  SERVICE_FIELDS,
  type ServiceIdentity,
} from "../service/service_options.ts";
import { serviceName } from "../service/service_spec.ts";
import { onHangUp } from "../signals.ts";

const ACTIONS = ["install", "uninstall", "status"] as const;
type Action = (typeof ACTIONS)[number];

const KINDS = ["server", "client"] as const;
const INSTANCE = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** What `install` needs besides the names. */
const { print: _print, replace: _replace, program: _program, ...WHERE } =
  SERVICE_FIELDS;

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  install: {
    description: "Checks the configuration file, writes the files of the " +
      "service, and prints the commands that start it. Files that are " +
      "there and say something else are not changed without --replace.",
  },
  uninstall: {
    description: "Prints the command that stops the service, and removes " +
      "its files. Configuration and data stay.",
    fields: WHERE,
  },
  status: {
    description: "Says whether the service is installed and starts with " +
      "the machine. The exit code is 1 if it is not installed.",
    fields: WHERE,
  },
  exec: {
    description: "Runs the command that follows, run or server, for a " +
      "service manager that starts a program again after every exit code " +
      "but 0. The exit code is 0 where a restart does not help.",
    fields: {},
  },
};

/**
 * The command `service`.
 *
 * @param services `run` and `server`, which `service exec` starts.
 */
export function serviceCommand(services: readonly Command[]): Command {
  return {
    name: "service",
    summary: "Install client or server as a service of the system",
    usage: [
      "service install server [options]",
      "service install client <name> [options]",
      "service uninstall server|client <name>",
      "service status server|client <name>",
    ],
    description: "Writes the files with which systemd, launchd or Windows " +
      "starts the server, or a client, with the machine and after a failure. " +
      "The program starts no other programs. It prints the commands that " +
      "remain for you. A client has a name and a configuration file of its own.",
    fields: SERVICE_FIELDS,
    subcommands: SUBCOMMANDS,
    async run(args, context) {
      const [first, ...rest] = args;
      if (first === "exec") return await execute(rest, services, context);
      const mistakes = new Mistakes();
      // Variables, and what is in the file, are for client and server.
      const { values, positionals } = readArgv(SERVICE_FIELDS, args, mistakes);
      mistakes.throwIfAny();
      const [action, ...names] = positionals;
      const chosen = onlyArgument(
        action === undefined ? [] : [action],
        ACTIONS,
      );
      if (chosen === undefined) {
        throw missing("the subcommand", `${ACTIONS.join("|")} server`);
      }
      const who = whichService(chosen, names);
      const options = validateOptions(SERVICE_FIELDS, values);
      return await ACT[chosen](
        place(who, options, context.environment),
        context,
      );
    },
  };
}

const ACT: Readonly<
  Record<
    Action,
    (placed: PlacedService, context: Context) => Promise<number>
  >
> = { install, uninstall, status };

function whichService(
  action: Action,
  names: readonly string[],
): ServiceIdentity {
  const [word, instance, extra] = names;
  const kind = onlyArgument(word === undefined ? [] : [word], KINDS);
  if (kind === undefined) {
    throw missing("what it runs", `${action} server`);
  }
  if (kind === "server") {
    if (instance !== undefined) throw unexpectedArgument(instance);
    return { kind, instance: "" };
  }
  if (extra !== undefined) throw unexpectedArgument(extra);
  if (instance === undefined) {
    throw missing("the name of the client", `${action} client nightly`);
  }
  if (!INSTANCE.test(instance)) {
    throw new ConfigError(
      "badValue",
      `Cannot name a service "${instance}": expected a letter or digit, then ` +
        "letters, digits or . _ -, 64 at most",
    );
  }
  return { kind, instance };
}

async function install(
  { spec, options, manager, isHere }: PlacedService,
  { print }: Context,
): Promise<number> {
  if (!spec.isPersonal && spec.account === "") {
    throw new ConfigError(
      "required",
      "Cannot install the service: its account is not set, use --account or " +
        "--user",
    );
  }
  const files = manager.files(spec);
  if (options.print) {
    for (const { path, text } of files) print(`# ${path}\n${text}\n`);
    return EXIT.done;
  }
  if (!isHere) {
    throw new ConfigError(
      "badValue",
      `Cannot install a service of ${manager.title} on this system: use ` +
        "--print",
    );
  }
  await checkProgram(spec.program);
  await checkConfiguration(spec);
  const written = await writeFiles(files, options.replace);
  for (const path of written) print(`wrote ${path}\n`);
  if (written.length === 0) {
    print(`${serviceName(spec)} is installed already\n`);
  }
  print(`\nStart it now, and with the machine:\n\n`);
  for (const command of manager.startCommands(spec)) print(`  ${command}\n`);
  return EXIT.done;
}

async function uninstall(
  { spec, manager }: PlacedService,
  { print, printError }: Context,
): Promise<number> {
  const removed = await removeFiles(manager.files(spec));
  if (removed.length === 0) {
    printError(`${serviceName(spec)} is not installed`);
    return EXIT.refused;
  }
  for (const path of removed) print(`removed ${path}\n`);
  print("\nStop the service, if it runs:\n\n");
  for (const command of manager.stopCommands(spec)) print(`  ${command}\n`);
  return EXIT.done;
}

async function status(
  { spec, manager }: PlacedService,
  { print, printError }: Context,
): Promise<number> {
  const [path] = manager.files(spec).map((file) => file.path).toReversed();
  const name = serviceName(spec);
  if (path === undefined || !await exists(path)) {
    printError(
      `${name} is not installed, use "sallyport service install"`,
    );
    return EXIT.refused;
  }
  print(`${name} is installed: ${path}\n`);
  const link = manager.enabledPath(spec);
  if (link !== undefined) {
    const starts = await exists(link) ? "starts" : "does not start";
    print(`it ${starts} with the machine\n`);
  }
  print(`whether it runs: ${manager.statusCommand(spec)}\n`);
  return EXIT.done;
}

/** Exit codes after which a restart changes nothing. */
const FINAL: readonly number[] = [EXIT.refused, EXIT.replaced];

async function execute(
  [name = "", ...args]: readonly string[],
  services: readonly Command[],
  context: Context,
): Promise<number> {
  const known = services.map((each) => each.name);
  const command = services.find((each) => each.name === name);
  if (command === undefined) {
    throw name === ""
      ? missing("the command", `exec ${known.join("|")}`)
      : unexpectedArgument(name, known);
  }
  using _hangUps = onHangUp(() => {});
  try {
    return restartable(await command.run(args, context));
  } catch (error) {
    const code = exitCodeOf(error, EXIT.notStarted);
    if (!FINAL.includes(code)) throw error;
    const { message } = error instanceof Error ? error : new Error("failed");
    for (const line of message.split("\n")) context.printError(line);
    return EXIT.done;
  }
}

function restartable(code: number): number {
  return FINAL.includes(code) ? EXIT.done : code;
}

function missing(what: string, example: string): ConfigError {
  return missingArgument("work on a service", what, `service ${example}`);
}
