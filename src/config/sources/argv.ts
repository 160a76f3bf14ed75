/**
 * The command line: words to option values, by the table of a declaration.
 *
 * Accepted are `--name value`, `--name=value`, `-n value`, `-nvalue`,
 * `-n=value`, bare switches, switches together (`-ts`), and `--` before words
 * that are not options.
 *
 * @module
 */
import { parseArgs, type ParseArgsConfig } from "node:util";

import { ConfigError } from "../errors.ts";
import {
  type AnyFields,
  byName,
  type Field,
  type NamedField,
} from "../field.ts";
import { type Given, type GivenValues, valuesIn } from "./given.ts";
import { suggestion } from "./names.ts";

/** A command line, read. */
export interface CommandLine {
  /** The options on it. */
  readonly given: GivenValues;
  /** The words that are no options, in order. */
  readonly words: readonly string[];
}

/** An option on the command line, as written. */
interface Token {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/**
 * Reads a command line. Lists may be given several times and with commas; of
 * anything else the last one counts.
 *
 * @throws {ConfigError} `unknownName` or `missingValue`.
 */
export function readArgv(
  fields: AnyFields,
  args: readonly string[],
): CommandLine {
  const known = byName(fields);
  const given = new Map<string, Given>();
  const words: string[] = [];
  const { tokens } = parseArgs({
    args: [...args],
    options: parserOptions(known),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const named = known.get(token.name);
    if (named === undefined) throw unknownOption(token, known);
    const { option, field } = named;
    given.set(option, read(token, field, given.get(option)));
  }
  return { given, words };
}

function parserOptions(
  known: ReadonlyMap<string, NamedField>,
): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Array.from(known, ([name, { option, field: { short, takes } }]) => [name, {
      type: takes === "switch" ? "boolean" : "string",
      ...(short !== undefined && name === option && { short }),
    }]),
  );
}

function read(token: Token, field: Field<unknown>, before?: Given): Given {
  const { takes } = field;
  const source = token.rawName;
  if (takes === "switch") return { raw: token.value ?? "true", source };
  const value = valueOf(token, field);
  if (takes !== "many") return { raw: value, source };
  return { raw: [...before?.raw ?? [], ...valuesIn(value, field)], source };
}

function valueOf(
  { rawName, value = "", inlineValue }: Token,
  { isDashed = false }: Field<unknown>,
): string {
  if (inlineValue && !rawName.startsWith("--")) return value.replace(/^=/, "");
  if (inlineValue) return value;
  const isOption = isDashed ? /^-(-|.$)/ : /^-./;
  if (value !== "" && !isOption.test(value)) return value;
  // What follows is not quoted: it may be a secret that begins with a dash.
  const found = value === "" ? "nothing" : "another option";
  throw new ConfigError(
    "missingValue",
    `Cannot use ${rawName}: it needs a value and ${found} follows, ` +
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
    `Cannot use "${rawName}": there is no such option, ${toDo}`,
  );
}
