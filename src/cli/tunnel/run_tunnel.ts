// What `sallyport run` does with its arguments.
import { ConfigError } from "../../config/errors.ts";
import {
  type CollectedOptions,
  gatherOptions,
  validateOptions,
} from "../../config/load.ts";
import { withLogin } from "../../config/login_values.ts";
import { userLogins } from "../../config/logins.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { yamlFile } from "../../config/sources/yaml_file.ts";
import { configFileRequested } from "../command.ts";
import type { Context } from "../context.ts";
import { detach, tellDetached } from "../detached/detach.ts";
import { EXIT } from "../exit_code.ts";
import { OLD_NAMES } from "../legacy/option_map.ts";
import type { Services } from "../services.ts";
import { stopSignals } from "../signals.ts";
import { openTunnel, type TunnelMode } from "./open_tunnel.ts";
import { RUN_FIELDS, RUN_MODE_FIELDS } from "./run_fields.ts";

/** What runs, and how. */
export interface RunTunnel {
  readonly mode: TunnelMode | undefined;
  readonly context: Context;
  readonly services: Pick<Services, "startClient">;
}

/**
 * Opens a tunnel, here or in the background, or prints a configuration file.
 *
 * @returns The exit code.
 * @throws {ConfigError} With all mistakes.
 */
export async function runTunnel(
  args: readonly string[],
  { mode, context, services }: RunTunnel,
): Promise<number> {
  const { environment, print } = context;
  const collect = async () =>
    await withLogin(
      await gatherOptions(RUN_FIELDS, {
        ...{ args, environment },
        oldNames: OLD_NAMES,
      }),
      userLogins(environment),
    );
  const collected = await collect();
  if (configFileRequested(collected)) {
    print(yamlFile(CLIENT_FIELDS, collected.values));
    return EXIT.done;
  }
  const isDetached = checkMode(collected, mode);
  if (isDetached && mode?.kind !== "detached") {
    return await openInBackground(args, context);
  }
  return await openTunnel(collected, {
    context,
    services,
    recollect: collect,
    mode,
  });
}

/** Notes what does not go together. @returns Whether the tunnel is for the background. */
function checkMode(
  { values, mistakes }: CollectedOptions,
  mode: TunnelMode | undefined,
): boolean {
  const given = mistakes.attempt(() =>
    validateOptions(RUN_MODE_FIELDS, values)
  );
  const isAround = mode?.kind === "around";
  if (given?.commandProxy === true && !isAround) {
    mistakes.add(
      new ConfigError(
        "required",
        "Cannot use --command-proxy: it needs a command, write it after --",
      ),
    );
  }
  if (given?.detach === true && isAround) {
    mistakes.add(
      new ConfigError(
        "badValue",
        "Cannot use --detach with a command: the tunnel ends with the command, " +
          "leave one of them out",
      ),
    );
  }
  return given?.detach === true && !isAround;
}

/** The process in the background checks the options, and says what is wrong. */
async function openInBackground(
  args: readonly string[],
  { print, revokePermissions }: Context,
): Promise<number> {
  await revokePermissions(["net", "write"]);
  using signals = stopSignals();
  const outcome = await detach(args, signals.signal);
  if (typeof outcome === "number") return outcome;
  tellDetached(outcome, print);
  return EXIT.done;
}
