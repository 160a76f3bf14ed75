/*
 * Checks the options of a program as those of the command line are checked: by
 * the same declarations, with the same words, and all mistakes at once.
 */
import * as z from "zod";
import { ConfigError, Mistakes } from "../../config/errors.ts";
import { validateOptions } from "../../config/load.ts";
import { optionName, suggestion } from "../../config/option_names.ts";
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../config/options/client_config.ts";
import type { OptionValue } from "../../config/sources/option_values.ts";
import {
  checkPairs,
  clientOptions,
  readFiles,
  serverPinOptions,
  serverProxyOptions,
} from "../configured.ts";
import type { ClientOptions } from "../options.ts";
import { programPlugins } from "./plugin_uses.ts";
import type { ProgramOptions } from "./tunnel_options.ts";

/** Options of the command line that a program has no use for, or that it has in another form. */
const NOT_HERE = [
  "configFile",
  "region",
  "logFile",
  "logFormat",
  "logLevel",
  "pluginDir",
  "plugin",
  "pluginPermissions",
  "allowNpmPlugins",
  "plugins",
  "metadata",
] as const satisfies readonly (keyof ClientConfig)[];

/** Options with other names than on the command line. */
const RENAMED = { username: "user", tunnelName: "name" } as const;

/** The options whose values are read as those of the command line. */
type SharedOption =
  | Exclude<keyof ClientConfig, typeof NOT_HERE[number] | keyof typeof RENAMED>
  | typeof RENAMED[keyof typeof RENAMED];

/** The options that only programs have, or in another form. */
type OwnOption = "metadata" | "caCerts" | "plugins" | "signal";

type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : never : never;

/** The compiler finds an option that only one side has. */
const _SAME: Same<SharedOption | OwnOption, keyof ProgramOptions> = true;

const OWN: readonly OwnOption[] = ["metadata", "caCerts", "plugins", "signal"];

/** The name of each shared option in a program, and its field. */
const SHARED: ReadonlyMap<string, keyof ClientConfig> = new Map(
  keysOf(CLIENT_FIELDS)
    .filter((key) => !NOT_HERE.some((other) => other === key))
    .map((key) => [inProgram(key), key]),
);

const REQUIRED = ["server", "user", "accessKey", "name"] as const;

/**
 * Checks options and reads the files that they name.
 *
 * @throws {ConfigError} With a line for each mistake.
 */
export async function readTunnelOptions(
  given: ProgramOptions,
): Promise<ClientOptions> {
  const mistakes = new Mistakes();
  checkNames(given, mistakes);
  const values = rawValues(given, mistakes);
  checkPairs(values, mistakes);
  const caCerts = mistakes.attempt(() => certificates(given.caCerts)) ?? [];
  const metadata = mistakes.attempt(() => notes(given.metadata)) ?? {};
  const plugins = programPlugins(given.plugins, mistakes);
  try {
    const config = validateOptions(CLIENT_FIELDS, values, mistakes, required);
    const files = await readFiles(config, values, { mistakes, caCerts });
    mistakes.throwIfAny();
    return {
      ...clientOptions(config, files),
      ...serverProxyOptions(config, (name) => Deno.env.get(name)),
      ...await serverPinOptions(config, (name) => Deno.env.get(name)),
      apiSocket: config.apiSocket,
      metadata,
      plugins: { plugins, timeBudget: config.pluginTimeout, canGrow: true },
      ...given.signal && { signal: given.signal },
    };
  } catch (error) {
    throw error instanceof ConfigError ? inWordsOfPrograms(error) : error;
  }
}

function keysOf<Table extends object>(table: Table): (keyof Table)[] {
  const keys: (keyof Table)[] = [];
  for (const key in table) keys.push(key);
  return keys;
}

/** The name that an option of the command line has in a program. */
function inProgram(key: string): string {
  return Object.hasOwn(RENAMED, key)
    ? RENAMED[key as keyof typeof RENAMED]
    : key;
}

function checkNames(given: ProgramOptions, mistakes: Mistakes): void {
  const known = [...SHARED.keys(), ...OWN];
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const renamed = inProgram(name);
    const advice = renamed === name
      ? suggestion(name, known, "see the type TunnelOptions")
      : `use "${renamed}"`;
    mistakes.add(
      new ConfigError(
        "unknownName",
        `Cannot use the option "${name}": no such option, ${advice}`,
      ),
    );
  }
}

/** The values as the command line would have them. */
function rawValues(
  given: ProgramOptions,
  mistakes: Mistakes,
): Map<string, OptionValue> {
  const values = new Map<string, OptionValue>();
  for (const [name, value] of Object.entries(given)) {
    const key = SHARED.get(name);
    if (key === undefined || value === undefined) continue;
    const option = optionName(key);
    try {
      values.set(option, { raw: rawOf(key, name, value), source: name });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      mistakes.add(error, option);
    }
  }
  return values;
}

/** @throws {ConfigError} When the value has another type than the option. */
function rawOf(
  key: keyof ClientConfig,
  name: string,
  value: unknown,
): OptionValue["raw"] {
  const { schema, arity } = CLIENT_FIELDS[key];
  if (arity === "many") {
    if (isTexts(value)) return value;
    throw wrongType(name, "a list of texts");
  }
  if (value instanceof URL) return value.href;
  if (arity === "switch") {
    if (typeof value === "boolean") return String(value);
    throw wrongType(name, "true or false");
  }
  if (typeof value === "string") return value;
  if (
    typeof value === "number" && !(Number.isSafeInteger(value) && value >= 0)
  ) {
    throw wrongType(name, "a whole number, 0 or more");
  }
  const raw = encoded(schema, value);
  if (typeof raw === "string") return raw;
  const takesNumbers = encoded(schema, 1) !== undefined;
  throw wrongType(name, takesNumbers ? "a number or a text" : "a text");
}

/** A value as text, if it is one of the option: a number, an address. */
function encoded(schema: z.ZodType, value: unknown): unknown {
  try {
    return z.safeEncode(schema, value).data;
  } catch {
    // Some values are formatted without a check.
    return undefined;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) &&
    value.every((each) => typeof each === "string");
}

function wrongType(name: string, expected: string): ConfigError {
  return new ConfigError(
    "badValue",
    `Cannot use ${name}: expected ${expected}`,
  );
}

function certificates(
  given: ProgramOptions["caCerts"] = [],
): readonly string[] {
  if (!isTexts(given)) throw wrongType("caCerts", "a list of texts in PEM");
  const wrong = given.findIndex((each) => !each.includes("-----BEGIN CERT"));
  if (wrong < 0) return given;
  throw new ConfigError(
    "badValue",
    `Cannot use value ${
      wrong + 1
    } of caCerts: expected a certificate in PEM, ` +
      "for a path use cacertFile",
  );
}

function notes(
  given: ProgramOptions["metadata"] = {},
): Readonly<Record<string, string>> {
  const isTable = typeof given === "object" && given !== null &&
    isTexts(Object.values(given)) && !Array.isArray(given);
  if (isTable) return given;
  throw wrongType("metadata", "an object of texts");
}

function required(options: readonly string[]): ConfigError {
  const names = REQUIRED.filter((name) =>
    options.includes(optionName(SHARED.get(name) ?? name))
  );
  return new ConfigError(
    "required",
    `Cannot start without ${names.join(", ")}: not set`,
  );
}

/** Advice of the command line names flags. */
function inWordsOfPrograms({ code, message }: ConfigError): ConfigError {
  const text = message.replace(/--([a-z][a-z-]*)/g, (flag, option: string) => {
    const named = [...SHARED].find(([, key]) => optionName(key) === option);
    return named?.[0] ?? flag;
  });
  return new ConfigError(code, text);
}
