// Reads a configuration file of Sauce Connect 4.
import { CLIENT_FIELDS } from "../../config/options/client_config.ts";
import { ConfigError } from "../../config/errors.ts";
import { fieldsByName } from "../../config/field.ts";
import { type KeyLines, keyLines } from "../../config/sources/key_lines.ts";
import { parseFile } from "../../config/sources/parse_file.ts";
import { readBounded } from "../../config/sources/read_bounded.ts";
import {
  LEGACY_SWITCHES,
  OLD_NAMES,
  type OldOptions,
  type OldValue,
} from "./option_map.ts";
import type { PlaceOf } from "./translate.ts";

/** The options of a file, and where they are in it. */
export interface OldFile {
  readonly options: OldOptions;
  readonly placeOf: PlaceOf;
}

/**
 * Reads the file at `path`.
 *
 * @throws {ConfigError} `badFile`, also for a file of a later version.
 */
export async function readOldFile(path: string): Promise<OldFile> {
  const text = await readBounded(path, "configuration file");
  const data = parseFile(path, text) ?? {};
  if (typeof data !== "object" || Array.isArray(data)) throw wrongShape(path);
  const lines = keyLines(path, text);
  const placeOf = (name: string) => placeIn(path, lines.get(name));
  const later = laterName(Object.keys(data));
  if (later !== undefined) throw ofLaterVersion(path, placeOf(later));
  const options = Object.entries(data).map(
    ([name, value]): [string, OldValue] => {
      const old = value === null ? missing(name) : oldValue(value);
      if (old === undefined) throw wrongShape(path, name);
      return [name, old];
    },
  );
  return { options: new Map(options), placeOf };
}

function placeIn(path: string, lines: KeyLines | undefined): string {
  return lines === undefined ? `"${path}"` : `"${path}", line ${lines.line}`;
}

/** A name of Sauce Connect 5 or Sallyport, if none of `names` is of version 4 alone. */
function laterName(names: readonly string[]): string | undefined {
  const later = fieldsByName(CLIENT_FIELDS);
  const known = (name: string) => later.has(name.replaceAll("_", "-"));
  if (names.some((name) => OLD_NAMES.has(name) && !known(name))) {
    return undefined;
  }
  return names.find((name) => known(name) && !OLD_NAMES.has(name));
}

/** A switch without a value is on. Other options without a value are unset. */
function missing(name: string): OldValue {
  return LEGACY_SWITCHES.has(name) ? "true" : "";
}

/** A value as it is written in the file. */
function oldValue(value: unknown): OldValue | undefined {
  if (Array.isArray(value)) {
    const items = value.filter((each) => typeof each === "string");
    return items.length === value.length ? items : undefined;
  }
  return typeof value === "string" ? value : undefined;
}

function ofLaterVersion(path: string, place: string): ConfigError {
  return new ConfigError(
    "badFile",
    `Cannot translate ${place}: this is a file of Sauce Connect 5 or ` +
      `Sallyport, use "sallyport run --config-file ${path}"`,
  );
}

function wrongShape(path: string, name?: string): ConfigError {
  const what = name === undefined ? `"${path}"` : `${name} in "${path}"`;
  return new ConfigError(
    "badFile",
    `Cannot use ${what}: expected lines of the form "option: value"`,
  );
}
