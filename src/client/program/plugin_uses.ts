/* Checks a list of plugins as a program gives it. */
import { ConfigError, type Mistakes } from "../../config/errors.ts";
import { suggestion } from "../../config/option_names.ts";
import type { PluginUse } from "../../plugin/api/plugin_use.ts";
import type { AnyPlugin } from "./tunnel_options.ts";

/** The parts of a use. */
const PARTS = [
  "use",
  "name",
  "match",
  "options",
  "allow",
  "timeout",
  "onFailure",
] as const satisfies readonly (keyof PluginUse)[];

/** What a plugin in a sandbox can be allowed. */
const KINDS = ["net", "read", "write", "env"] as const;

/** The plugins of the options, as uses. Notes what is wrong with each. */
export function programPlugins(
  given: unknown,
  mistakes: Mistakes,
): readonly PluginUse[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) {
    mistakes.add(wrong("plugins", "a list"));
    return [];
  }
  return given.flatMap((each: AnyPlugin, at) =>
    mistakes.attempt(() => programPlugin(each, `plugins[${at}]`)) ?? []
  );
}

/**
 * One plugin as a use of it.
 *
 * @param place Where it is given, for messages.
 * @throws {ConfigError} When it has unknown parts, or parts of another type.
 */
export function programPlugin(given: AnyPlugin, place: string): PluginUse {
  if (typeof given === "string" || given instanceof URL) return { use: given };
  if (typeof given !== "object" || given === null) {
    throw wrong(place, "a plugin, a path, or an object with `use`");
  }
  if (!isUse(given)) return { use: given };
  for (const name of Object.keys(given)) checkName(name, PARTS, place);
  const { use, name, allow, timeout, onFailure } = given;
  const isSource = typeof use === "string" || use instanceof URL ||
    typeof use === "object" && use !== null;
  if (!isSource) throw wrong(`${place}.use`, "a plugin, a path or a URL");
  if (name !== undefined && typeof name !== "string") {
    throw wrong(`${place}.name`, "a text");
  }
  if (
    timeout !== undefined && !(Number.isSafeInteger(timeout) && timeout > 0)
  ) {
    throw wrong(`${place}.timeout`, "milliseconds, 1 or more");
  }
  if (onFailure !== undefined && !["fail", "skip"].includes(onFailure)) {
    throw wrong(`${place}.onFailure`, '"fail" or "skip"');
  }
  checkAllowance(allow, `${place}.allow`);
  const isObject = typeof use !== "string" && !(use instanceof URL);
  if (isObject && allow !== undefined && allow !== "trusted") {
    throw new ConfigError(
      "badValue",
      `Cannot use ${place}.allow: an object runs in this program with all its ` +
        "permissions, use the path of a file, or remove it",
    );
  }
  return given;
}

function isUse(given: object): given is PluginUse {
  return "use" in given;
}

function checkAllowance(allow: PluginUse["allow"], place: string): void {
  if (allow === undefined || allow === "trusted") return;
  if (typeof allow !== "object" || allow === null) {
    throw wrong(place, '"trusted" or an object of permissions');
  }
  for (const [kind, value] of Object.entries(allow)) {
    checkName(kind, KINDS, place);
    const isList = Array.isArray(value) &&
      value.every((each) => typeof each === "string");
    if (value === undefined || typeof value === "boolean" || isList) continue;
    throw wrong(`${place}.${kind}`, "true, false or a list of texts");
  }
}

function checkName(
  name: string,
  known: readonly string[],
  place: string,
): void {
  if (known.includes(name)) return;
  const advice = suggestion(name, known, `use ${known.join(", ")}`);
  throw new ConfigError(
    "unknownName",
    `Cannot use "${name}" in ${place}: no such part, ${advice}`,
  );
}

function wrong(place: string, expected: string): ConfigError {
  return new ConfigError(
    "badValue",
    `Cannot use ${place}: expected ${expected}`,
  );
}
