// Reads flags, environment and file into a validated configuration.
//
// Flags override the environment, the environment overrides the file, and the
// file overrides defaults. A list replaces the whole list of a weaker source.
import { readArgv } from "./sources/argv.ts";
import { type Environment, readEnvironment } from "./sources/environment.ts";
import type { ZodError } from "zod";
import { ConfigError, Mistakes } from "./errors.ts";
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
  /** Names of options of Sauce Connect 4, whose files are another format. */
  readonly oldNames?: ReadonlySet<string>;
  /** Values that come before all others. */
  readonly presets?: OptionValues;
  /** What is wrong already. */
  readonly mistakes?: Mistakes;
}

/** The options that are set, before validation. */
export interface CollectedOptions {
  /** The value with the highest precedence of every option, by option name. */
  readonly values: OptionValues;
  /** All values of the configuration file, overridden ones included. */
  readonly fileValues: OptionValues;
  /** The arguments that are not options. */
  readonly positionals: readonly string[];
  /** What is wrong so far. */
  readonly mistakes: Mistakes;
}

/**
 * Collects the values of the options in `fields` from all sources.
 *
 * @throws {ConfigError} All codes but `required`.
 */
export async function collectOptions<Config>(
  fields: OptionFields<Config>,
  sources: OptionSources,
): Promise<CollectedOptions> {
  const collected = await gatherOptions(fields, sources);
  collected.mistakes.throwIfAny();
  return collected;
}

/** The same, but mistakes are only noted: validation may find more of them. */
export async function gatherOptions<Config>(
  fields: OptionFields<Config>,
  { args, environment, oldNames, presets, mistakes = new Mistakes() }:
    OptionSources,
): Promise<CollectedOptions> {
  const table: Record<string, OptionField<unknown>> = {};
  for (const key in fields) table[key] = fields[key];
  const { values: flags, positionals } = readArgv(table, args, mistakes);
  const variables = readEnvironment(table, environment);
  const path = (flags.get(CONFIG_FILE) ?? variables.get(CONFIG_FILE))?.raw;
  const read = typeof path === "string"
    ? await mistakes.attemptLater(
      readConfigFile(table, path, { mistakes, ...oldNames && { oldNames } }),
    )
    : undefined;
  const file = read ?? new Map<string, OptionValue>();
  const values = new Map([...file, ...variables, ...flags, ...presets ?? []]);
  return { values, fileValues: file, positionals, mistakes };
}

/**
 * Parses and validates the collected values; unset options get their defaults.
 *
 * @param mistakes What is wrong already.
 * @param whatIsMissing Says so about required options, by name.
 * @throws {ConfigError} `badValue` or `required`, and what is wrong already.
 */
export function validateOptions<Config>(
  fields: OptionFields<Config>,
  values: OptionValues,
  mistakes: Mistakes = new Mistakes(),
  whatIsMissing: (names: readonly string[]) => ConfigError = required,
): Config {
  const missing: string[] = [];
  const config: Partial<Config> = {};
  for (const key in fields) {
    const name = optionName(key);
    const value = values.get(name);
    if (value !== undefined) {
      const { success, data, error } = fields[key].schema.safeParse(value.raw);
      if (success) config[key] = data;
      else addProblems(mistakes, { field: fields[key], value, error });
    } else if (!isRequired(fields[key])) {
      config[key] = fields[key].schema.parse(undefined);
    } else if (!mistakes.concern(name)) missing.push(name);
  }
  if (missing.length > 0 && !mistakes.mayHideOptions) {
    mistakes.add(whatIsMissing(missing));
  }
  mistakes.throwIfAny();
  if (isComplete(config, missing)) return config;
  throw whatIsMissing(missing);
}

function isComplete<Config>(
  _config: Partial<Config>,
  missing: readonly string[],
): _config is Config {
  return missing.length === 0;
}

/** A wrong item of a list is named by itself. */
function addProblems(
  mistakes: Mistakes,
  { field, value, error }: {
    readonly field: OptionField<unknown>;
    readonly value: OptionValue;
    readonly error: ZodError;
  },
): void {
  const { raw, source, itemSources } = value;
  for (const { path: [at, ...inside], message } of error.issues) {
    if (field.hasTables === true) {
      mistakes.add(problemInTable(value, [at, ...inside].map(asKey), message));
      continue;
    }
    const isItem = typeof at === "number" && typeof raw !== "string";
    const items = isItem ? raw.slice(at, at + 1) : [];
    const place = isItem ? itemSources?.[at] ?? source : source;
    const count = items.length > 0 && raw.length > 1
      ? `value ${Number(at) + 1} of `
      : "";
    const shown = redacted(field, items.length > 0 ? items : raw);
    mistakes.add(
      new ConfigError(
        "badValue",
        `Cannot use "${shown}" as ${count}${place}: ${message}`,
      ),
    );
  }
}

/** Values of tables are not shown: they may be secret. */
function problemInTable(
  { source, placeOf }: OptionValue,
  path: readonly (string | number)[],
  message: string,
): ConfigError {
  const [option = ""] = source.split(" in ", 1);
  const part = path.map((key) =>
    typeof key === "number" ? `[${key}]` : `.${key}`
  ).join("");
  const place = placeOf === undefined ? "" : ` in ${placeOf(path)}`;
  return new ConfigError(
    "badValue",
    `Cannot use ${option}${part}${place}: ${message}`,
  );
}

function asKey(part: PropertyKey | undefined): string | number {
  return typeof part === "number" ? part : String(part);
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
