/**
 * What a shell may offer: commands, the words after them, and options with
 * their values, all read off the commands' own declarations.
 *
 * @module
 */
import type { AnyFields, Field } from "../../config/field.ts";
import { optionName } from "../../config/option_names.ts";
import type { Command } from "../command.ts";

/** A command as shells offer it. */
export interface CommandCompletion {
  readonly name: string;
  readonly summary: string;
  /** The words that may follow the name, like `config-file`. */
  readonly words: readonly string[];
  readonly options: readonly OptionCompletion[];
}

/** An option as shells offer it. */
export interface OptionCompletion {
  /** Without dashes. */
  readonly name: string;
  /** One letter. */
  readonly short: string | undefined;
  /** One sentence without its full stop. */
  readonly summary: string;
  readonly value: ValueCompletion;
}

/** What may follow an option: nothing, one of some words, a path, or what no shell can know. */
export type ValueCompletion =
  | { readonly kind: "none" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "path" }
  | { readonly kind: "text"; readonly placeholder: string };

/** Describes commands for shells, in their order. */
export function completionsOf(
  commands: readonly Command[],
): readonly CommandCompletion[] {
  const names = commands.map(({ name }) => name);
  return commands.map(({ name, summary, usage, fields }) => ({
    name,
    summary,
    words: name === "help" ? names : usage.flatMap(wordsIn),
    options: optionsOf(fields),
  }));
}

/** `run config-file [options]` has the word `config-file`; `<bash|zsh>` has two. */
function wordsIn(usage: string): string[] {
  const [, second = ""] = usage.split(" ");
  if (/^[a-z]+(-[a-z]+)*$/.test(second)) return [second];
  return /^<([a-z]+(\|[a-z]+)+)>$/.exec(second)?.[1]?.split("|") ?? [];
}

function optionsOf(fields: AnyFields): OptionCompletion[] {
  const own = Object.entries(fields).map(([key, field]) => ({
    name: optionName(key),
    short: field.short,
    summary: firstSentence(field.help),
    value: valueOf(field),
  }));
  const help = {
    name: "help",
    short: "h",
    summary: "Explains the command",
    value: { kind: "none" } as const,
  };
  return [...own, help];
}

function firstSentence(help: string): string {
  return help.split(/\.(?:\s|$)/, 1)[0] ?? help;
}

function valueOf(
  { arity, placeholder = "value" }: Field<unknown>,
): ValueCompletion {
  if (arity === "switch") return { kind: "none" };
  if (/^all$|^[a-z]+(\|[a-z]+)+$/.test(placeholder)) {
    return { kind: "words", words: placeholder.split("|") };
  }
  return /\bpath\b/.test(placeholder)
    ? { kind: "path" }
    : { kind: "text", placeholder };
}
