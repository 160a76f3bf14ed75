/**
 * Help texts, made from the declarations.
 *
 * @module
 */
import {
  type AnyFields,
  defaultOf,
  type Field,
  isRequired,
} from "../config/field.ts";
import { optionName, variableNames } from "../config/sources/names.ts";
import { wrap } from "../config/wrap.ts";
import type { Command, Nested } from "./command.ts";
import { EXIT_CODES_HELP } from "./exit_code.ts";

/** Columns before the explanation of an option. */
const INDENT = " ".repeat(8);

/** The help of the whole program. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return lines([
    "Sallyport lets browsers in a test lab open sites behind your firewall.",
    "",
    "Usage: sallyport <command> [options]",
    "",
    "Commands",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    "",
    'Without a command, options are those of "run". "sallyport help <command>"',
    "says more about each.",
  ]);
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const { usage, description, fields, isService = false } = command;
  return lines([
    ...usageLines(usage),
    ...wrap(description, ""),
    ...nestedLines(command),
    ...optionLines(fields),
    ...waysLines(fields),
    ...(isService ? exitCodeLines() : []),
  ]);
}

/** The help of a command with a word behind it. */
export function nestedHelp(
  { name, usage, fields: common }: Command,
  word: string,
  { description, fields = common }: Nested,
): string {
  const own = usage.filter((line) => `${line} `.startsWith(`${name} ${word} `));
  return lines([
    ...usageLines(own),
    ...wrap(description, ""),
    ...optionLines(fields),
    ...waysLines(fields),
  ]);
}

function usageLines([first = "", ...others]: readonly string[]): string[] {
  return [
    `Usage: sallyport ${first}`,
    ...others.map((line) => `       sallyport ${line}`),
    "",
  ];
}

/** Where the help of the words behind a command is. */
function nestedLines({ name, nested = {} }: Command): string[] {
  const words = Object.keys(nested);
  if (words.length === 0) return [];
  const topics = words.map((word) => `"sallyport help ${name} ${word}"`);
  const last = topics.pop();
  const list = [topics.join(", "), last].filter((each) => each !== "");
  const verb = words.length === 1 ? "says" : "say";
  return ["", ...wrap(`${list.join(" and ")} ${verb} more.`, "")];
}

function optionLines(fields: AnyFields): string[] {
  let section: string | undefined;
  const result: string[] = [];
  for (const [key, field] of Object.entries(fields)) {
    if (field.section !== section) result.push("", field.section);
    section = field.section;
    result.push(flagLine(optionName(key), field));
    result.push(...wrap(field.help + defaultNote(field), INDENT));
  }
  return result;
}

function flagLine(name: string, { short, placeholder, takes }: Field<unknown>) {
  const letter = short === undefined ? "    " : `-${short}, `;
  const value = takes === "switch" ? "" : ` <${placeholder ?? "value"}>`;
  return `  ${letter}--${name}${value}`;
}

function defaultNote(field: Field<unknown>): string {
  if (isRequired(field)) return "";
  const text = field.defaultText ?? defaultOf(field);
  const isSaid = typeof text === "string" && field.takes !== "switch";
  return isSaid ? ` Default: ${text}.` : "";
}

/** How else options are set, with the first option as the example. */
function waysLines(fields: AnyFields): string[] {
  const settable = Object.entries(fields).filter(([, { inFile = true }]) =>
    inFile
  );
  return settable.slice(0, 1).flatMap(([key]) => {
    const name = optionName(key);
    const [variable, fallback] = variableNames(name);
    const text =
      "Every option can be set in three ways, the strongest first: " +
      `as a flag, --${name}; as an environment variable, ${variable} (or ` +
      `${fallback}); in a configuration file, as ${name}.`;
    return ["", ...wrap(text, "")];
  });
}

function exitCodeLines(): string[] {
  return [
    "",
    "Exit codes",
    ...EXIT_CODES_HELP.map(([code, meaning]) =>
      `  ${String(code).padEnd(6)}${meaning}`
    ),
  ];
}

function lines(texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}
