/**
 * From flags, environment and file to a checked configuration.
 *
 * A flag is stronger than the environment, the environment stronger than the
 * file, the file stronger than the default. A stronger place replaces a list
 * as a whole.
 *
 * @module
 */
import { readArgv } from "./sources/argv.ts";
import { type Environment, readEnvironment } from "./sources/environment.ts";
import { ConfigError } from "./errors.ts";
import { type Field, type Fields, isRequired } from "./field.ts";
import { readConfigFile } from "./sources/file.ts";
import type { Given, GivenValues } from "./sources/given.ts";
import { optionName, variableNames } from "./sources/names.ts";
import { shown } from "./redact.ts";

/** The option that names the file. */
const CONFIG_FILE = "config-file";

/** Where settings come from. */
export interface Sources {
  /** The command line after the command's name. */
  readonly args: readonly string[];
  /** Looks up an environment variable. */
  readonly environment: Environment;
}

/** What was set, not yet checked. */
export interface Settings {
  /** The strongest value of every option that is set, by option name. */
  readonly given: GivenValues;
  /** What the configuration file sets, also where something stronger does. */
  readonly inFile: GivenValues;
  /** The words on the command line that are no options. */
  readonly words: readonly string[];
}

/**
 * Collects what is set for the options in `fields`.
 *
 * @throws {ConfigError} All codes but `required`.
 */
export async function collect<Config>(
  fields: Fields<Config>,
  { args, environment }: Sources,
): Promise<Settings> {
  const table: Record<string, Field<unknown>> = {};
  for (const key in fields) table[key] = fields[key];
  const { given: flags, words } = readArgv(table, args);
  const variables = readEnvironment(table, environment);
  const path = (flags.get(CONFIG_FILE) ?? variables.get(CONFIG_FILE))?.raw;
  const file = typeof path === "string"
    ? await readConfigFile(table, path)
    : new Map<string, Given>();
  const given = new Map([...file, ...variables, ...flags]);
  return { given, inFile: file, words };
}

/**
 * Checks what was collected.
 *
 * @throws {ConfigError} `badValue` or `required`.
 */
export function check<Config>(
  fields: Fields<Config>,
  given: GivenValues,
): Config {
  const missing: string[] = [];
  const config: Partial<Config> = {};
  for (const key in fields) {
    const name = optionName(key);
    const value = given.get(name);
    if (value !== undefined) config[key] = valueOf(fields[key], value);
    else if (isRequired(fields[key])) missing.push(name);
    else config[key] = fields[key].schema.parse(undefined);
  }
  if (isComplete(config, missing)) return config;
  throw required(missing);
}

function isComplete<Config>(
  _config: Partial<Config>,
  missing: readonly string[],
): _config is Config {
  return missing.length === 0;
}

function valueOf<Value>(field: Field<Value>, { raw, source }: Given): Value {
  const { success, data, error } = field.schema.safeParse(raw);
  if (success) return data;
  const [reason = "expected another value"] = error.issues.map((issue) =>
    issue.message
  );
  throw new ConfigError(
    "badValue",
    `Cannot use "${shown(field, raw)}" as ${source}: ${reason}`,
  );
}

function required(names: readonly string[]): ConfigError {
  const flags = names.map((name) => `--${name}`).join(", ");
  const variables = names.map((name) => variableNames(name)[0]).join(", ");
  const file = `or --${CONFIG_FILE}`;
  return new ConfigError(
    "required",
    `Cannot start without ${flags}: not set, use the ` +
      `${names.length > 1 ? "flags" : "flag"}, ${variables} ${file}`,
  );
}
