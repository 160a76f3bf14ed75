// What the commands about tunnels in the background share.
import { ConfigError } from "../../config/errors.ts";
import {
  type RunningTunnels,
  runningTunnels,
} from "../../config/running_tunnels.ts";
import type { Context } from "../context.ts";
import type { LiveTunnel } from "../detached/control_client.ts";

/** The tunnels of this user. @throws {ConfigError} When the user has no home directory. */
export function tunnelsOf({ environment }: Context): RunningTunnels {
  const tunnels = runningTunnels(environment);
  if (tunnels !== undefined) return tunnels;
  throw new ConfigError(
    "required",
    "Cannot find tunnels in the background: there is no home directory, set " +
      "XDG_STATE_HOME",
  );
}

/**
 * The tunnels of a name, or the only one.
 *
 * @param purpose What cannot be done without: `stop`.
 * @throws {ConfigError} When there is none, or without a name several.
 */
export function chosenTunnels(
  live: readonly LiveTunnel[],
  name: string | undefined,
  purpose: string,
): readonly LiveTunnel[] {
  const chosen = name === undefined
    ? live
    : live.filter(({ record }) => record.name === name);
  if (chosen.length === 0) {
    const what = name === undefined ? "a tunnel" : `"${name}"`;
    throw new ConfigError(
      "unknownName",
      `Cannot ${purpose} ${what}: no such tunnel runs in the background, ` +
        "see sallyport list",
    );
  }
  if (name === undefined && chosen.length > 1) {
    const names = chosen.map(({ record }) => `"${record.name}"`).join(", ");
    throw new ConfigError(
      "required",
      `Cannot ${purpose} a tunnel: several run in the background, name one of ` +
        names,
    );
  }
  return chosen;
}

/** A tunnel as JSON has it. The token stays out. */
export function asJson(
  { record: { token: _token, control: _control, ...record }, status }:
    LiveTunnel,
): Readonly<Record<string, unknown>> {
  return { ...record, ...status };
}
