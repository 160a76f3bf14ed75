// Reads the configuration file: option names with their values.
import { ConfigError } from "../errors.ts";
import {
  type AnyOptionFields,
  fieldsByName,
  type NamedField,
  type OptionField,
} from "../field.ts";
import {
  type OptionValue,
  type OptionValues,
  splitValues,
} from "./option_values.ts";
import { suggestion } from "../option_names.ts";
import { parseFile } from "./parse_file.ts";
import { readBounded } from "./read_bounded.ts";

/**
 * The option values in the file at `path`.
 *
 * @throws {ConfigError} `badFile`, `unknownName` or `badValue`.
 */
export async function readConfigFile(
  fields: AnyOptionFields,
  path: string,
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
  const values = new Map<string, OptionValue>();
  for (const [name, value] of Object.entries(data)) {
    const named = known.get(name);
    if (named === undefined) throw unknownKey(name, path, known);
    const { option, field } = named;
    const raw = field.arity === "table"
      ? tableOf(value, { name, path, text })
      : rawValueOf(value, field);
    const source = `${name} in "${path}"`;
    if (raw === undefined) throw wrongShape(source, field);
    if (raw !== null) values.set(option, { raw, source });
  }
  return values;
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
  if (text !== undefined) return splitValues(text, field);
  const texts = Array.isArray(value) ? value.map(scalarText) : pairTexts(value);
  return texts.every((each) => each !== undefined) ? texts : undefined;
}

/** A table as JSON. Its values have the types of the file's language. */
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
    // A YAML table can contain itself.
    return undefined;
  }
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
  name: string,
  path: string,
  known: ReadonlyMap<string, unknown>,
): ConfigError {
  const toDo = suggestion(
    name,
    [...known.keys()],
    "see config-file for all options",
  );
  return new ConfigError(
    "unknownName",
    `Cannot use "${name}" in "${path}": no such option, ${toDo}`,
  );
}

const EXPECTED: Readonly<Record<OptionField<unknown>["arity"], string>> = {
  switch: "one value",
  one: "one value",
  many: "a list of values",
  table: "a table of names and values",
};

function wrongShape(
  source: string,
  { arity }: OptionField<unknown>,
): ConfigError {
  const expected = EXPECTED[arity];
  return new ConfigError(
    "badValue",
    `Cannot use ${source}: expected ${expected}`,
  );
}
