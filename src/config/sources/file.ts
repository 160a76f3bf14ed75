// Reads the configuration file: option names with their values.
import { ConfigError, type Mistakes } from "../errors.ts";
import {
  type AnyOptionFields,
  fieldsByName,
  type NamedField,
  type OptionField,
} from "../field.ts";
import {
  itemText,
  type OptionValue,
  type OptionValues,
  splitValues,
} from "./option_values.ts";
import {
  type KeyLines,
  keyLines,
  type LineOf,
  partLines,
} from "./key_lines.ts";
import { suggestion } from "../option_names.ts";
import { parseFile } from "./parse_file.ts";
import { readBounded } from "./read_bounded.ts";

/** What is read besides the values. */
export interface FileOptions {
  /** Gets what is wrong in the file: `unknownName`, `badValue`. */
  readonly mistakes: Mistakes;
  /** Names of options of Sauce Connect 4. */
  readonly oldNames?: ReadonlySet<string>;
}

/**
 * The option values in the file at `path`.
 *
 * @throws {ConfigError} `badFile`.
 */
export async function readConfigFile(
  fields: AnyOptionFields,
  path: string,
  { mistakes, oldNames = new Set() }: FileOptions,
): Promise<OptionValues> {
  const text = await readBounded(path, "configuration file");
  const data = parseFile(path, text) ?? {};
  if (!isTable(data)) {
    throw new ConfigError(
      "badFile",
      `Cannot read "${path}": expected lines of the form "option: value", ` +
        "see config-file for an example",
    );
  }
  const known = fileOptions(fields);
  const file = new ConfigFile(path, text);
  const old = foreignName(Object.keys(data), known, oldNames);
  if (old !== undefined) {
    mistakes.add(ofSauceConnect4(path, file.placeOf(old)));
    return new Map();
  }
  const values = new Map<string, OptionValue>();
  for (const [key, value] of Object.entries(data)) {
    const named = namedBy(key, known);
    const place = file.placeOf(key);
    if (named === undefined) {
      mistakes.add(unknownKey(place, key, known));
      continue;
    }
    const { option, field } = named;
    const raw = field.hasTables === true && isOfTables(value)
      ? file.itemsOf(key)
      : rawValueOf(value, field);
    const source = `${key} in ${place}`;
    if (raw === undefined) mistakes.add(wrongShape(source, field), option);
    else if (values.has(option)) mistakes.add(twice(source, option), option);
    else if (raw !== null) values.set(option, file.valueOf(key, raw, source));
  }
  return values;
}

/** The option of a key. Other programs write `tunnel_pool`. */
function namedBy(
  key: string,
  known: ReadonlyMap<string, NamedField>,
): NamedField | undefined {
  return known.get(key) ?? known.get(key.replaceAll("_", "-"));
}

/** Where things are in a file. */
class ConfigFile {
  readonly #path: string;
  readonly #text: string;
  readonly #lines: ReadonlyMap<string, KeyLines>;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    this.#lines = keyLines(path, text);
  }

  /** `"c.yaml", line 3` */
  placeOf(key: string): string {
    return this.#at(this.#lines.get(key)?.line);
  }

  /** A value, and where its items are. */
  valueOf(key: string, raw: OptionValue["raw"], source: string): OptionValue {
    const { items = [] } = this.#lines.get(key) ?? {};
    if (typeof raw === "string") return { raw, source };
    const placeOf = this.#placeIn(key);
    if (raw.length !== items.length) return { raw, source, placeOf };
    const itemSources = items.map((line) => `${key} in ${this.#at(line)}`);
    return { raw, source, itemSources, placeOf };
  }

  /** The items of a list, tables as JSON. Their values have the types of the file's language. */
  itemsOf(key: string): readonly string[] | undefined {
    const data = parseFile(this.#path, this.#text, { isTyped: true });
    const list = isTable(data) ? data[key] : undefined;
    if (!Array.isArray(list)) return undefined;
    try {
      return list.map(itemText);
    } catch {
      // A YAML table can contain itself.
      return undefined;
    }
  }

  /** Finds the places of parts. The file is parsed for the first one: most have no mistakes. */
  #placeIn(key: string): NonNullable<OptionValue["placeOf"]> {
    let find: LineOf | undefined;
    return (path) => {
      find ??= partLines(this.#path, this.#text);
      return this.#at(find([key, ...path]) ?? this.#lines.get(key)?.line);
    };
  }

  #at(line: number | undefined): string {
    const path = `"${this.#path}"`;
    return line === undefined ? path : `${path}, line ${line}`;
  }
}

/** A key of Sauce Connect 4, if none of `keys` is one of ours alone. */
function foreignName(
  keys: readonly string[],
  known: ReadonlyMap<string, NamedField>,
  oldNames: ReadonlySet<string>,
): string | undefined {
  const isOurs = keys.some((key) =>
    namedBy(key, known) !== undefined && !oldNames.has(key)
  );
  if (isOurs) return undefined;
  return keys.find((key) =>
    namedBy(key, known) === undefined && oldNames.has(key)
  );
}

function fileOptions(fields: AnyOptionFields): ReadonlyMap<string, NamedField> {
  const all = [...fieldsByName(fields)];
  return new Map(all.filter(([, { field: { inFile = true } }]) => inFile));
}

/** A value as text; `null` if it is empty, `undefined` if it has the wrong shape. */
function rawValueOf(
  value: unknown,
  field: OptionField<unknown>,
): OptionValue["raw"] | null | undefined {
  if (value === null || value === "") return null;
  const text = scalarText(value);
  if (field.arity !== "many") return text;
  if (field.hasTables === true && isTable(value)) return undefined;
  if (text !== undefined) return splitValues(text, field);
  const texts = Array.isArray(value) ? value.map(scalarText) : pairTexts(value);
  return texts.every((each) => each !== undefined) ? texts : undefined;
}

/** Whether a list has more than texts. */
function isOfTables(value: unknown): boolean {
  return Array.isArray(value) &&
    value.some((item) => scalarText(item) === undefined);
}

function scalarText(value: unknown): string | undefined {
  const isPlain = ["string", "number", "boolean", "bigint"].includes(
    typeof value,
  );
  return isPlain ? String(value) : undefined;
}

/** `{runner: jenkins}` as `runner=jenkins`, for lists of pairs. */
function pairTexts(value: unknown): readonly (string | undefined)[] {
  if (!isTable(value)) return [undefined];
  return Object.entries(value).map(([name, each]) => {
    const text = scalarText(each);
    return text === undefined ? undefined : `${name}=${text}`;
  });
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

function unknownKey(
  place: string,
  name: string,
  known: ReadonlyMap<string, unknown>,
): ConfigError {
  const toDo = suggestion(
    name,
    [...known.keys()],
    "see config-file for all options",
  );
  return new ConfigError(
    "unknownName",
    `Cannot use "${name}" in ${place}: no such option, ${toDo}`,
  );
}

function ofSauceConnect4(path: string, place: string): ConfigError {
  return new ConfigError(
    "unknownName",
    `Cannot use ${place}: this is a file of Sauce Connect 4, translate it ` +
      `with "sallyport legacy ${path}"`,
  );
}

function twice(source: string, option: string): ConfigError {
  return new ConfigError(
    "badValue",
    `Cannot use ${source}: "${option}" is set twice, remove one of them`,
  );
}

const EXPECTED: Readonly<Record<OptionField<unknown>["arity"], string>> = {
  switch: "one value",
  one: "one value",
  many: "a list of values",
};

function wrongShape(
  source: string,
  { arity, expectedInFile }: OptionField<unknown>,
): ConfigError {
  const expected = expectedInFile ?? EXPECTED[arity];
  return new ConfigError(
    "badValue",
    `Cannot use ${source}: expected ${expected}`,
  );
}
