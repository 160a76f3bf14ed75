// Reads a command line of Sauce Connect 4, which may also have options of ours
// that it did not have, such as `--server`.
import type { Mistakes } from "../../config/errors.ts";
import {
  type AnyOptionFields,
  fieldsByName,
  type OptionField,
} from "../../config/field.ts";
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { readArgv } from "../../config/sources/argv.ts";
import type {
  OptionValue,
  OptionValues,
} from "../../config/sources/option_values.ts";
import { text } from "../../config/values/values.ts";
import { LEGACY_SWITCHES, OLD_NAMES, type OldOptions } from "./option_map.ts";

/** The letters of Sauce Connect 4. Many mean something else than ours. */
const LETTERS: Readonly<Record<string, string>> = {
  "auth": "a",
  "config-file": "c",
  "direct-domains": "D",
  "fast-fail-regexps": "F",
  "log-stats": "z",
  "logfile": "l",
  "api-key": "k",
  "no-ssl-bump-domains": "B",
  "pidfile": "d",
  "proxy": "p",
  "proxy-tunnel": "T",
  "proxy-userpwd": "w",
  "readyfile": "f",
  "region": "r",
  "rest-url": "x",
  "se-port": "P",
  "shared-tunnel": "s",
  "tunnel-domains": "t",
  "tunnel-identifier": "i",
  "user": "u",
  "verbose": "v",
};

/** Where a translation goes to. Sauce Connect 5 has it in this command only. */
const OUTPUT = "output-config-file";

/** A command line, taken apart. */
export interface OldFlags {
  /** Options of Sauce Connect 4. */
  readonly old: OldOptions;
  /** How each of these is written: `-u`. */
  readonly sources: ReadonlyMap<string, string>;
  /** Options that only we have. */
  readonly own: OptionValues;
  readonly positionals: readonly string[];
  /** The file of Sauce Connect 4 to start from. */
  readonly configFile: string | undefined;
  /** The file to write the translation to, without opening a tunnel. */
  readonly outputFile: string | undefined;
}

/** Reads `args`. What is wrong is added to `mistakes`. */
export function readOldFlags(
  args: readonly string[],
  mistakes: Mistakes,
): OldFlags {
  const { values, positionals } = readArgv(FIELDS, args, mistakes);
  const isOld = ([name]: readonly [string, OptionValue]) => OLD_NAMES.has(name);
  const old = [...values].filter(isOld);
  const textOf = (name: string): string | undefined => {
    const raw = values.get(name)?.raw;
    return typeof raw === "string" ? raw : undefined;
  };
  const notOptions = ["config-file", OUTPUT];
  return {
    old: new Map(
      old.filter(([name]) => !notOptions.includes(name))
        .map(([name, { raw }]) => [name, raw]),
    ),
    sources: new Map(old.map(([name, { source }]) => [name, source])),
    own: new Map(
      [...values].filter((each) => !isOld(each) && each[0] !== OUTPUT),
    ),
    positionals,
    configFile: textOf("config-file"),
    outputFile: textOf(OUTPUT),
  };
}

const FIELDS: AnyOptionFields = {
  ...Object.fromEntries(
    [...fieldsByName(CLIENT_FIELDS)]
      .filter(([name]) => !OLD_NAMES.has(name))
      .map(([name, { field: { short: _short, ...field } }]) => [name, field]),
  ),
  ...Object.fromEntries(
    [...OLD_NAMES, OUTPUT].map((name) => [name, oldField(name)]),
  ),
};

function oldField(name: string): OptionField<unknown> {
  const short = LETTERS[name];
  return {
    schema: text().optional(),
    arity: LEGACY_SWITCHES.has(name) ? "switch" : "one",
    section: "",
    summary: "",
    help: "",
    ...short !== undefined && { short },
  };
}
