// `sallyport run`: opens a tunnel and keeps it open.
import { ConfigError } from "../../config/errors.ts";
import { gatherOptions, validateOptions } from "../../config/load.ts";
import { yamlFile } from "../../config/sources/yaml_file.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import {
  type Command,
  configFileRequested,
  missingArgument,
  type Subcommand,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { splitCommandLine } from "../launch/command_line.ts";
import type { Launcher } from "../launch/launcher.ts";
import { OLD_NAMES } from "../legacy/option_map.ts";
import type { Services } from "../services.ts";
import { openTunnel } from "../tunnel/open_tunnel.ts";
import { RUN_FIELDS, WITH_COMMAND_FIELDS } from "../tunnel/run_fields.ts";

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
      return await runTunnel(own, { launcher, context, services });
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

async function runTunnel(
  args: readonly string[],
  { launcher, context, services }: {
    readonly launcher: Launcher | undefined;
    readonly context: Context;
    readonly services: Pick<Services, "startClient">;
  },
): Promise<number> {
  const { environment, print } = context;
  const collect = () =>
    gatherOptions(RUN_FIELDS, { args, environment, oldNames: OLD_NAMES });
  const collected = await collect();
  if (configFileRequested(collected)) {
    print(yamlFile(CLIENT_FIELDS, collected.values));
    return EXIT.done;
  }
  const { values, mistakes } = collected;
  const around = mistakes.attempt(() =>
    validateOptions(WITH_COMMAND_FIELDS, values)
  );
  if (launcher === undefined && around?.commandProxy === true) {
    mistakes.add(
      new ConfigError(
        "required",
        "Cannot use --command-proxy: it needs a command, write it after --",
      ),
    );
  }
  return await openTunnel(collected, {
    context,
    services,
    recollect: collect,
    around: launcher && {
      launcher,
      isProxied: around?.commandProxy ?? false,
    },
  });
}
