/**
 * The configuration file: option names with their values, checked by name.
 *
 * @module
 */
import { ConfigError } from "../errors.ts";
import {
  type AnyFields,
  byName,
  type Field,
  type NamedField,
} from "../field.ts";
import { type Given, type GivenValues, valuesIn } from "./given.ts";
import { suggestion } from "./names.ts";
import { parseFile } from "./parse_file.ts";
import { readBounded } from "./read_bounded.ts";

/**
 * What the file at `path` sets.
 *
 * @throws {ConfigError} `badFile`, `unknownName` or `badValue`.
 */
export async function readConfigFile(
  fields: AnyFields,
  path: string,
): Promise<GivenValues> {
  const text = await readBounded(path, "configuration file");
  const data = parseFile(path, text) ?? {};
  if (!isTable(data)) {
    throw new ConfigError(
      "badFile",
      `Cannot read "${path}": expected lines of the form "option: value", ` +
        "see config-file for an example",
    );
  }
  const known = settable(fields);
  const given = new Map<string, Given>();
  for (const [name, value] of Object.entries(data)) {
    const named = known.get(name);
    if (named === undefined) throw unknownKey(name, path, known);
    const { option, field } = named;
    const raw = field.takes === "table"
      ? tableOf(value, { name, path, text })
      : rawOf(value, field);
    const source = `${name} in "${path}"`;
    if (raw === undefined) throw wrongShape(source, field);
    if (raw !== null) given.set(option, { raw, source });
  }
  return given;
}

function settable(fields: AnyFields): ReadonlyMap<string, NamedField> {
  const all = [...byName(fields)];
  return new Map(all.filter(([, { field: { inFile = true } }]) => inFile));
}

/** The words of a value; `null` if it is left open, `undefined` if it has the wrong shape. */
function rawOf(
  value: unknown,
  field: Field<unknown>,
): Given["raw"] | null | undefined {
  if (value === null || value === "") return null;
  const word = wordOf(value);
  if (field.takes !== "many") return word;
  if (word !== undefined) return valuesIn(word, field);
  const words = Array.isArray(value) ? value.map(wordOf) : pairsOf(value);
  return words.every((each) => each !== undefined) ? words : undefined;
}

/** A table as JSON: its values are read as the language of the file reads them. */
function tableOf(
  value: unknown,
  { name, path, text }: {
    readonly name: string;
    readonly path: string;
    readonly text: string;
  },
): string | null | undefined {
  if (value === null) return null;
  const data = parseFile(path, text, { isTyped: true });
  const table = isTable(data) ? data[name] : undefined;
  return isTable(table) ? jsonOf(table) : undefined;
}

function jsonOf(table: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return JSON.stringify(table);
  } catch {
    // YAML can name a table inside itself.
    return undefined;
  }
}

function wordOf(value: unknown): string | undefined {
  const isPlain = ["string", "number", "boolean", "bigint"].includes(
    typeof value,
  );
  return isPlain ? String(value) : undefined;
}

/** `{runner: jenkins}` as `runner=jenkins`, for lists of pairs. */
function pairsOf(value: unknown): readonly (string | undefined)[] {
  if (!isTable(value)) return [undefined];
  return Object.entries(value).map(([name, each]) => {
    const word = wordOf(each);
    return word === undefined ? undefined : `${name}=${word}`;
  });
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

function unknownKey(
  name: string,
  path: string,
  known: ReadonlyMap<string, unknown>,
): ConfigError {
  const toDo = suggestion(name, [...known.keys()], "see config-file for all");
  return new ConfigError(
    "unknownName",
    `Cannot use "${name}" in "${path}": there is no such option, ${toDo}`,
  );
}

const EXPECTED: Readonly<Record<Field<unknown>["takes"], string>> = {
  switch: "one value",
  one: "one value",
  many: "a list of values",
  table: "a table of names and values",
};

function wrongShape(source: string, { takes }: Field<unknown>): ConfigError {
  const expected = EXPECTED[takes];
  return new ConfigError(
    "badValue",
    `Cannot use ${source}: expected ${expected}`,
  );
}
