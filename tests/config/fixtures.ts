/**
 * A small declaration with every kind of option, and functions that load it.
 */
import { fieldsIn, type OptionFields } from "../../src/config/field.ts";
import { collectOptions, validateOptions } from "../../src/config/load.ts";
import {
  choice,
  duration,
  many,
  onOff,
  type Pair,
  pair,
  text,
  wholeNumber,
} from "../../src/config/values/values.ts";

export interface Sample {
  readonly tunnelName: string;
  readonly accessKey: string;
  readonly configFile: string | undefined;
  readonly pool: boolean;
  readonly connections: number;
  readonly wait: number;
  readonly mode: "allow" | "deny";
  readonly files: readonly string[];
  readonly notes: readonly Pair[];
}

const field = fieldsIn("Options");

export const SAMPLE: OptionFields<Sample> = {
  tunnelName: field(text(), {
    short: "i",
    summary: "Name",
    help: "Name.",
  }),
  accessKey: field(text(), {
    short: "k",
    secret: "all",
    summary: "Key",
    help: "Key.",
  }),
  configFile: field(text().optional(), {
    inFile: false,
    summary: "File",
    help: "File.",
  }),
  pool: field(onOff(), { short: "t", summary: "Pool", help: "Pool." }),
  connections: field(wholeNumber({ min: 1, max: 64 }).default(4), {
    summary: "Count",
    help: "Count.",
  }),
  wait: field(duration().default(90_000), {
    summary: "Wait",
    help: "Wait.",
  }),
  mode: field(choice("allow", "deny").default("deny"), {
    summary: "Mode",
    help: "Mode.",
  }),
  files: field(many(text()), { summary: "Files", help: "Files." }),
  notes: field(many(pair("=")), {
    short: "M",
    summary: "Notes",
    help: "Notes.",
  }),
};

/** Both required options, for tests about others. */
export const REQUIRED = ["--tunnel-name=a", "--access-key=s3cr3t"] as const;

/** Loads the sample from flags and variables. */
export async function load(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Sample> {
  const environment = (name: string) => variables[name];
  const { values } = await collectOptions(SAMPLE, { args, environment });
  return validateOptions(SAMPLE, values);
}

/** A file with `text` that is gone at the end of the block. */
export async function temporaryFile(
  name: string,
  text: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/${name}`;
  await Deno.writeTextFile(path, text);
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}
