// Parses the command line.
//
// Accepted are `--name value`, `--name=value`, `-n value`, `-nvalue`,
// `-n=value`, bare switches, combined switches (`-ts`), and `--` before
// positional arguments.
import { parseArgs, type ParseArgsConfig } from "node:util";

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

/** A parsed command line. */
export interface CommandLine {
  /** The values of its options. */
  readonly values: OptionValues;
  /** The arguments that are not options, in order. */
  readonly positionals: readonly string[];
}

/** An option on the command line, as written. */
interface Token {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/**
 * Parses a command line. Repeated lists and commas add values; of other
 * repeated options the last one counts.
 *
 * @throws {ConfigError} `unknownName` or `missingValue`.
 */
export function readArgv(
  fields: AnyOptionFields,
  args: readonly string[],
): CommandLine {
  const known = fieldsByName(fields);
  const values = new Map<string, OptionValue>();
  const positionals: string[] = [];
  const { tokens } = parseArgs({
    args: [...args],
    options: parserOptions(known),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const named = known.get(token.name);
    if (named === undefined) throw unknownOption(token, known);
    const { option, field } = named;
    values.set(option, read(token, field, values.get(option)));
  }
  return { values, positionals };
}

function parserOptions(
  known: ReadonlyMap<string, NamedField>,
): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Array.from(known, ([name, { option, field: { short, arity } }]) => [name, {
      type: arity === "switch" ? "boolean" : "string",
      ...(short !== undefined && name === option && { short }),
    }]),
  );
}

function read(
  token: Token,
  field: OptionField<unknown>,
  before?: OptionValue,
): OptionValue {
  const { arity } = field;
  const source = token.rawName;
  if (arity === "switch") return { raw: token.value ?? "true", source };
  const value = valueOf(token, field);
  if (arity !== "many") return { raw: value, source };
  return { raw: [...before?.raw ?? [], ...splitValues(value, field)], source };
}

function valueOf(
  { rawName, value = "", inlineValue }: Token,
  { allowsLeadingDash = false }: OptionField<unknown>,
): string {
  if (inlineValue && !rawName.startsWith("--")) return value.replace(/^=/, "");
  if (inlineValue) return value;
  const isOption = allowsLeadingDash ? /^-(-|.$)/ : /^-./;
  if (value !== "" && !isOption.test(value)) return value;
  // The following argument is not quoted: it may be a secret that begins with a dash.
  const found = value === "" ? "nothing" : "another option";
  throw new ConfigError(
    "missingValue",
    `Cannot use ${rawName}: it needs a value but ${found} follows, ` +
      `write ${rawName} <value>`,
  );
}

function unknownOption(
  { rawName }: Token,
  known: ReadonlyMap<string, unknown>,
): ConfigError {
  const flags = Array.from(known.keys(), (name) => `--${name}`);
  const toDo = suggestion(rawName, flags, "see --help");
  return new ConfigError(
    "unknownName",
    `Cannot use "${rawName}": no such option, ${toDo}`,
  );
}
