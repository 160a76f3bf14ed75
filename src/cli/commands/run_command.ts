// `sallyport run`: opens a tunnel and keeps it open.
import { type Command, missingArgument, type Subcommand } from "../command.ts";
import type { Context } from "../context.ts";
import {
  DETACHED_COMMAND,
  readOrder,
  writeReport,
} from "../detached/messages.ts";
import { splitCommandLine } from "../launch/command_line.ts";
import type { Launcher } from "../launch/launcher.ts";
import type { Services } from "../services.ts";
import { RUN_FIELDS } from "../tunnel/run_fields.ts";
import { runTunnel } from "../tunnel/run_tunnel.ts";

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  "config-file": {
    description: "Prints a configuration file with all options and their " +
      "help. Options that are set, in flags, the environment or another " +
      "file, have their values. Secrets are left out.",
  },
};

/** The command `run`. */
export function runCommand(
  services: Pick<Services, "startClient">,
): Command {
  return {
    name: "run",
    summary: "Open a tunnel (the default command)",
    usage: [
      "run [options]",
      "run [options] -- <command> [arguments]",
      "run config-file [options]",
    ],
    description:
      "Opens a tunnel to the server and forwards the requests that " +
      "come through it. On SIGINT or SIGTERM it waits for running jobs. A " +
      "second signal stops it immediately.\n\nWith a command, it starts the " +
      "command when the tunnel is ready, and ends with it. Standard output is " +
      "the command's; the log goes to standard error. The command finds the " +
      "proxy with its login in SALLYPORT_PROXY, and the tunnel's name in " +
      "SALLYPORT_TUNNEL_NAME. It gets the signals, and its exit code is that " +
      "of the program. In the end, failed requests are listed.\n\n" +
      '"config-file" prints a configuration file instead.',
    fields: RUN_FIELDS,
    subcommands: SUBCOMMANDS,
    isService: true,
    async run(args, context) {
      const { own, command } = splitCommandLine(args);
      const launcher = command && await launcherOf(command, context);
      const mode = launcher && { kind: "around", launcher } as const;
      return await runTunnel(own, { mode, context, services });
    },
  };
}

/** The command is fixed, and the permission to start others given up, before anything else. */
async function launcherOf(
  [command, ...args]: readonly string[],
  { openLauncher, revokePermissions }: Context,
): Promise<Launcher> {
  if (command === undefined) {
    throw missingArgument(
      "open a tunnel for a command",
      "the command after --",
      "run … -- npx playwright test",
    );
  }
  const launcher = openLauncher({ command, args });
  await revokePermissions(["run"]);
  return launcher;
}

/** The hidden command of the process that `run --detach` starts. */
export function detachedCommand(
  services: Pick<Services, "startClient">,
): Command {
  return {
    name: DETACHED_COMMAND,
    isHidden: true,
    isService: true,
    summary: "Run a tunnel in the background",
    usage: [DETACHED_COMMAND],
    description: "Reads the arguments of run on standard input.",
    fields: {},
    async run(_args, context) {
      const { args } = await readOrder(Deno.stdin.readable);
      const mode = { kind: "detached", report: writeReport } as const;
      return await runTunnel(args, { mode, context, services });
    },
  };
}
