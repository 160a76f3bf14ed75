// How an option is declared: once, with everything that flags, environment,
// files, help, completion and the shown configuration need.
//
// The key in the declaration gives the name in all spellings
// (`option_names.ts`). The schema decides whether it is a switch or a list, its
// default, and whether it is required.
import * as z from "zod";
import { optionName } from "./option_names.ts";

/** The text of a value before it is parsed, from any source. */
export type RawValue = string | readonly string[] | undefined;

/** How many texts an option takes: none, one, or any number. */
export type Arity = "switch" | "one" | "many";

/** What is declared about an option besides its type. */
export interface FieldDescription {
  /** The heading of the option in the help. */
  readonly section: string;
  /** A few words for lists of options: at most 52 characters, without the default. */
  readonly summary: string;
  /** The full text: whole sentences. */
  readonly help: string;
  /** The letter of `-i`. */
  readonly short?: string;
  /** Another name of the option: Sauce Connect's, where ours differs. */
  readonly alias?: string;
  /** The name of the value in the help: `host:port`. */
  readonly placeholder?: string;
  /** The part that is never shown: all of the value, what follows `name:`, or the userinfo before `@`. */
  readonly secret?: "all" | "password" | "userinfo";
  /** The default in words, if it depends on the machine. */
  readonly defaultText?: string;
  /** Whether commas belong to a value. Otherwise they separate the values of a list. */
  readonly noSplit?: boolean;
  /** Whether an item of a list may be a table. Its text is JSON then. */
  readonly hasTables?: boolean;
  /** What a file must have, for the message about another shape. */
  readonly expectedInFile?: string;
  /** Whether a value may begin with a dash, as exclusions in lists do. */
  readonly allowsLeadingDash?: boolean;
  /** Whether a configuration file may set it. */
  readonly inFile?: boolean;
}

/** A declared option with values of type `Value`. */
export interface OptionField<Value> extends FieldDescription {
  /** Parses text into a value and, encoding, formats a value as text. */
  readonly schema: z.ZodType<Value, RawValue>;
  /** How many texts it takes. */
  readonly arity: Arity;
}

/** A declaration: a field for every option of `Config`, in the order of the help. */
export type OptionFields<Config> = {
  readonly [Key in keyof Config]: OptionField<Config[Key]>;
};

/** The values of the options that `Fields` declares. */
export type ConfigOf<Fields extends AnyOptionFields> = {
  readonly [Key in keyof Fields]: Fields[Key] extends OptionField<infer Value>
    ? Value
    : never;
};

/** A declaration of any options. */
export type AnyOptionFields = Readonly<Record<string, OptionField<unknown>>>;

/** What is said of an option where it is declared. Default of `help`: the summary as a sentence. */
type Description =
  & Omit<FieldDescription, "section" | "help">
  & Partial<Pick<FieldDescription, "help">>;

/**
 * Makes the function that declares the options of one section: their types and
 * descriptions.
 *
 * @param common What is said of all of them.
 */
export function fieldsIn(
  section: string,
  common: Partial<FieldDescription> = {},
): <Value>(
  schema: z.ZodType<Value, RawValue>,
  description: Description,
) => OptionField<Value> {
  return function field(schema, { help, ...description }) {
    return {
      ...common,
      ...description,
      help: help ?? `${description.summary}.`,
      section,
      schema,
      arity: arityOf(schema),
    };
  };
}

/** An option under one of its names. */
export interface NamedField {
  /** Its main name. */
  readonly option: string;
  readonly field: OptionField<unknown>;
}

/** All options by all their names, aliases included. */
export function fieldsByName(
  fields: AnyOptionFields,
): ReadonlyMap<string, NamedField> {
  const table = new Map<string, NamedField>();
  for (const [key, field] of Object.entries(fields)) {
    const named = { option: optionName(key), field };
    table.set(named.option, named);
    if (field.alias !== undefined) table.set(field.alias, named);
  }
  return table;
}

/** The default as text; `undefined` if there is none or the option is required. */
export function defaultOf({ schema }: OptionField<unknown>): RawValue {
  const { data } = schema.safeParse(undefined);
  return data === undefined ? undefined : z.encode(schema, data);
}

/** Whether the option must be set. */
export function isRequired({ schema }: OptionField<unknown>): boolean {
  return !schema.safeParse(undefined).success;
}

function arityOf(schema: z.core.$ZodType): Arity {
  if (
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return arityOf(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) {
    return schema.out instanceof z.ZodBoolean ? "switch" : arityOf(schema.in);
  }
  return schema instanceof z.ZodArray ? "many" : "one";
}
