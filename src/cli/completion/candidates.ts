// What a shell may offer at the end of a command line, from the declarations of
// the commands.
import type { AnyOptionFields, OptionField } from "../../config/field.ts";
import { optionName } from "../../config/option_names.ts";
import type { Command } from "../command.ts";

/** A completion of the current word. */
export interface Candidate {
  readonly text: string;
  readonly description: string;
}

/** The candidates for a word, or that it is a path, which shells complete themselves. */
export type Completion = readonly Candidate[] | "path";

const HELP: Candidate = { text: "--help", description: "Explain the command" };

/**
 * Completes a word.
 *
 * @param before The words between the program's name and this word.
 */
export function complete(
  word: string,
  before: readonly string[],
  commands: readonly Command[],
): Completion {
  // Bash splits "--name=value" into three words.
  const words = before.filter((each) => each !== "=");
  const current = word === "=" ? "" : word;
  const [name = "run", ...rest] = words;
  if (words.length === 0 && !current.startsWith("-")) {
    return matching(current, commandsOf(commands));
  }
  // Options without a command are those of "run".
  const isOption = name.startsWith("-");
  const command = commands.find((each) =>
    each.name === (isOption ? "run" : name)
  );
  if (command === undefined) return [];
  const [, flag, value = ""] = /^(--[\w-]+)=(.*)$/s.exec(current) ?? [];
  if (flag !== undefined) {
    const values = valuesOf(flag, command.fields) ?? [];
    if (values === "path") return values;
    return matching(value, values)
      .map((each) => ({ ...each, text: `${flag}=${each.text}` }));
  }
  const values = valuesOf(words.at(-1) ?? "", command.fields);
  if (values === "path") return values;
  if (values !== undefined) return matching(current, values);
  const isFirst = words.length > 0 && !isOption && rest.length === 0;
  return matching(current, [
    ...isFirst ? argumentsOf(command, commands) : [],
    ...optionsOf(command.fields),
    HELP,
  ]);
}

function matching(
  start: string,
  candidates: readonly Candidate[],
): readonly Candidate[] {
  return candidates.filter(({ text }) => text.startsWith(start));
}

function commandsOf(commands: readonly Command[]): readonly Candidate[] {
  return commands.filter(({ isHidden = false }) => !isHidden)
    .map(({ name, summary }) => ({ text: name, description: summary }));
}

/** The words that may follow a command: `run config-file [options]` has `config-file`, `<bash|zsh>` has two. */
function argumentsOf(
  { name, usage }: Command,
  commands: readonly Command[],
): readonly Candidate[] {
  if (name === "help") return commandsOf(commands);
  return usage.flatMap((line) => {
    const [, second = ""] = line.split(" ");
    const isWord = /^[a-z]+(-[a-z]+)*$/.test(second);
    const words = isWord ? second : /^<([a-z]+(\|[a-z]+)+)>$/.exec(second)?.[1];
    return words?.split("|") ?? [];
  }).map((text) => ({ text, description: "" }));
}

function optionsOf(fields: AnyOptionFields): readonly Candidate[] {
  return Object.entries(fields).map(([key, { summary }]) => ({
    text: `--${optionName(key)}`,
    description: summary,
  }));
}

/** The values of an option; `undefined` if `flag` is not an option with a value. */
function valuesOf(
  flag: string,
  fields: AnyOptionFields,
): Completion | undefined {
  const [, field] =
    Object.entries(fields).find(([key, { short }]) =>
      flag === `--${optionName(key)}` || flag === `-${short}`
    ) ?? [];
  return field === undefined || field.arity === "switch"
    ? undefined
    : valuesFor(field);
}

function valuesFor({ placeholder = "" }: OptionField<unknown>): Completion {
  if (/^all$|^[a-z]+(\|[a-z]+)+$/.test(placeholder)) {
    return placeholder.split("|").map((text) => ({ text, description: "" }));
  }
  return /\bpath\b/.test(placeholder) ? "path" : [];
}
