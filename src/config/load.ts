// Reads flags, environment and file into a validated configuration.
//
// Flags override the environment, the environment overrides the file, and the
// file overrides defaults. A list replaces the whole list of a weaker source.
import { readArgv } from "./sources/argv.ts";
import { type Environment, readEnvironment } from "./sources/environment.ts";
import { ConfigError } from "./errors.ts";
import { isRequired, type OptionField, type OptionFields } from "./field.ts";
import { readConfigFile } from "./sources/file.ts";
import type { OptionValue, OptionValues } from "./sources/option_values.ts";
import { optionName, variableNames } from "./option_names.ts";
import { redacted } from "./redact.ts";

/** The option that names the file. */
const CONFIG_FILE = "config-file";

/** The sources of options besides the configuration file. */
export interface OptionSources {
  /** The command line after the command's name. */
  readonly args: readonly string[];
  readonly environment: Environment;
}

/** The options that are set, before validation. */
export interface CollectedOptions {
  /** The value with the highest precedence of every option, by option name. */
  readonly values: OptionValues;
  /** All values of the configuration file, overridden ones included. */
  readonly fileValues: OptionValues;
  /** The arguments that are not options. */
  readonly positionals: readonly string[];
}

/**
 * Collects the values of the options in `fields` from all sources.
 *
 * @throws {ConfigError} All codes but `required`.
 */
export async function collectOptions<Config>(
  fields: OptionFields<Config>,
  { args, environment }: OptionSources,
): Promise<CollectedOptions> {
  const table: Record<string, OptionField<unknown>> = {};
  for (const key in fields) table[key] = fields[key];
  const { values: flags, positionals } = readArgv(table, args);
  const variables = readEnvironment(table, environment);
  const path = (flags.get(CONFIG_FILE) ?? variables.get(CONFIG_FILE))?.raw;
  const file = typeof path === "string"
    ? await readConfigFile(table, path)
    : new Map<string, OptionValue>();
  const values = new Map([...file, ...variables, ...flags]);
  return { values, fileValues: file, positionals };
}

/**
 * Parses and validates the collected values; unset options get their defaults.
 *
 * @throws {ConfigError} `badValue` or `required`.
 */
export function validateOptions<Config>(
  fields: OptionFields<Config>,
  values: OptionValues,
): Config {
  const missing: string[] = [];
  const config: Partial<Config> = {};
  for (const key in fields) {
    const name = optionName(key);
    const value = values.get(name);
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

function valueOf<Value>(
  field: OptionField<Value>,
  { raw, source }: OptionValue,
): Value {
  const { success, data, error } = field.schema.safeParse(raw);
  if (success) return data;
  const [reason = "expected another value"] = error.issues.map((issue) =>
    issue.message
  );
  throw new ConfigError(
    "badValue",
    `Cannot use "${redacted(field, raw)}" as ${source}: ${reason}`,
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
