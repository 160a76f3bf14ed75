/**
 * How an option is declared: once, with everything that flags, environment,
 * files, help and the shown configuration need to know about it.
 *
 * The key in the declaration is its name in all spellings (`names.ts`); whether
 * it is a switch or a list, its default, and whether it is required follow
 * from its schema.
 *
 * @module
 */
import * as z from "zod";
import { optionName } from "./sources/names.ts";

/** A value before it is read: the words, whichever place they came from. */
export type Raw = string | readonly string[] | undefined;

/** How many words an option takes: none, one, or any number; a table is one word, in JSON. */
export type Takes = "switch" | "one" | "many" | "table";

/** What is said about an option besides its type. */
export interface FieldWords {
  /** The heading it stands under in the help. */
  readonly section: string;
  /** Whole sentences. */
  readonly help: string;
  /** One letter for `-i`. */
  readonly short?: string;
  /** Another name that it also goes by: Sauce Connect's, where that says something else here. */
  readonly alias?: string;
  /** What stands for the value in the help: `host:port`. */
  readonly placeholder?: string;
  /** What is never shown: all of the value, what follows `name:`, or that up to `@`. */
  readonly secret?: "all" | "password" | "userinfo";
  /** The default in words, when it depends on the machine. */
  readonly defaultText?: string;
  /** Whether commas belong to a value; otherwise they stand between the values of a list. */
  readonly isWhole?: boolean;
  /** Whether a value may begin with a dash, as what is taken out of a list does. */
  readonly isDashed?: boolean;
  /** Whether a configuration file may set it. */
  readonly inFile?: boolean;
}

/** A declared option whose value is a `Value`. */
export interface Field<Value> extends FieldWords {
  /** Reads words into a value and, encoding, writes a value as words. */
  readonly schema: z.ZodType<Value, Raw>;
  /** How many words it takes. */
  readonly takes: Takes;
}

/** A declaration: a field for every option of `Config`, in the order of the help. */
export type Fields<Config> = {
  readonly [Key in keyof Config]: Field<Config[Key]>;
};

/** A declaration when it does not matter of what. */
export type AnyFields = Readonly<Record<string, Field<unknown>>>;

/** Declares an option: its type and its words. */
export function field<Value>(
  schema: z.ZodType<Value, Raw>,
  words: FieldWords,
): Field<Value> {
  return { ...words, schema, takes: takes(schema) };
}

/** An option under one of its names. */
export interface NamedField {
  /** The name that it is known by. */
  readonly option: string;
  readonly field: Field<unknown>;
}

/** All options by all names that they go by. */
export function byName(fields: AnyFields): ReadonlyMap<string, NamedField> {
  const table = new Map<string, NamedField>();
  for (const [key, field] of Object.entries(fields)) {
    const named = { option: optionName(key), field };
    table.set(named.option, named);
    if (field.alias !== undefined) table.set(field.alias, named);
  }
  return table;
}

/** The default as words; `undefined` if there is none or the option is required. */
export function defaultOf({ schema }: Field<unknown>): Raw {
  const { data } = schema.safeParse(undefined);
  return data === undefined ? undefined : z.encode(schema, data);
}

/** Whether the option must be set. */
export function isRequired({ schema }: Field<unknown>): boolean {
  return !schema.safeParse(undefined).success;
}

function takes(schema: z.core.$ZodType): Takes {
  if (
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return takes(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) {
    if (schema.out instanceof z.ZodBoolean) return "switch";
    return schema.out instanceof z.ZodRecord ? "table" : takes(schema.in);
  }
  return schema instanceof z.ZodArray ? "many" : "one";
}
