// Parses the command line.
//
// Accepted are `--name value`, `--name=value`, `-n value`, `-nvalue`,
// `-n=value`, bare switches, combined switches (`-ts`), and `--` before
// positional arguments.
import { parseArgs, type ParseArgsConfig } from "node:util";

import { ConfigError, type Mistakes } from "../errors.ts";
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
 * @param mistakes Gets what is wrong: `unknownName`, `missingValue`.
 */
export function readArgv(
  fields: AnyOptionFields,
  args: readonly string[],
  mistakes: Mistakes,
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
    if (named === undefined) {
      mistakes.add(unknownOption(token, known));
      continue;
    }
    const { option, field } = named;
    const value = valueOf(token, field);
    if (value === undefined) mistakes.add(withoutValue(token), option);
    else values.set(option, read(token, { field, value }, values.get(option)));
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
  { rawName: source }: Token,
  { field, value }: {
    readonly field: OptionField<unknown>;
    readonly value: string;
  },
  before?: OptionValue,
): OptionValue {
  if (field.arity !== "many") return { raw: value, source };
  return { raw: [...before?.raw ?? [], ...splitValues(value, field)], source };
}

/** The value of an option; `undefined` if another option is in its place, or nothing. */
function valueOf(
  { rawName, value, inlineValue }: Token,
  { arity, allowsLeadingDash = false }: OptionField<unknown>,
): string | undefined {
  if (arity === "switch") return value ?? "true";
  if (value === undefined) return undefined;
  if (inlineValue && !rawName.startsWith("--")) return value.replace(/^=/, "");
  if (inlineValue) return value;
  const isOption = allowsLeadingDash ? /^-(-|.$)/ : /^-./;
  return value === "" || isOption.test(value) ? undefined : value;
}

function withoutValue({ rawName, value = "" }: Token): ConfigError {
  // The following argument is not quoted: it may be a secret that begins with a dash.
  const found = value === "" ? "nothing" : "another option";
  return new ConfigError(
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
