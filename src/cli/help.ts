// Help texts, made from the declarations of commands and options.
import {
  type AnyOptionFields,
  defaultOf,
  fieldsByName,
  isRequired,
  type OptionField,
} from "../config/field.ts";
import { optionName, variableNames } from "../config/option_names.ts";
import { wrap } from "../config/wrap.ts";
import { type Command, unexpectedArgument } from "./command.ts";
import { EXIT_CODES_HELP } from "./exit_code.ts";

/** The columns before the explanation of an option. */
const INDENT = " ".repeat(8);

/** How the options of a command are explained: on one line each, or in full. */
interface HelpStyle {
  readonly isVerbose: boolean;
}

/** The help of the whole program. */
export function overview(commands: readonly Command[]): string {
  const listed = commands.filter(({ isHidden = false }) => !isHidden);
  const width = Math.max(...listed.map(({ name }) => name.length)) + 2;
  return lines([
    "Sallyport lets browsers in a test lab open sites behind your firewall.",
    "",
    "Usage: sallyport <command> [options]",
    "",
    "Commands",
    ...listed.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    "",
    'Without a command, the options are those of "run". For details, see',
    '"sallyport help <command>".',
  ]);
}

/**
 * The help of a command, of a subcommand, or of one option.
 *
 * @param topic Nothing, or the name of a subcommand, of an option, or of both.
 * @throws {ConfigError} `unexpectedArgument`, when the topic is not known.
 */
export function commandHelp(
  command: Command,
  topic: readonly string[],
  style: HelpStyle,
): string {
  const { subcommands = {} } = command;
  const [first, ...rest] = topic;
  if (first === undefined) return wholeCommandHelp(command, style);
  const subcommand = Object.hasOwn(subcommands, first)
    ? subcommands[first]
    : undefined;
  const [option, extra] = subcommand === undefined ? topic : rest;
  if (extra !== undefined) throw unexpectedArgument(extra);
  const { description = "", fields = command.fields } = subcommand ?? {};
  if (option !== undefined) {
    return optionHelp(option, fields, Object.keys(subcommands));
  }
  const name = `${command.name} ${first}`;
  return lines([
    ...usageLines(
      command.usage.filter((line) => `${line} `.startsWith(`${name} `)),
    ),
    ...wrap(description, ""),
    ...optionLines(fields, style),
    ...moreLines(name, fields, style),
  ]);
}

function wholeCommandHelp(command: Command, style: HelpStyle): string {
  const { name, usage, description, fields, isService = false } = command;
  return lines([
    ...usageLines(usage),
    ...wrap(description, ""),
    ...subcommandLines(command),
    ...optionLines(fields, style),
    ...moreLines(name, fields, style),
    ...(isService ? exitCodeLines() : []),
  ]);
}

/** The full text of one option: `tunnel-name`, `--tunnel-name` or `-i`. */
function optionHelp(
  argument: string,
  fields: AnyOptionFields,
  others: readonly string[],
): string {
  const known = fieldsByName(fields);
  const bare = argument.replace(/^--?/, "");
  const [, named] =
    Array.from(known).find(([name, { field }]) =>
      name === bare || `-${field.short}` === argument
    ) ?? [];
  if (named === undefined) {
    throw unexpectedArgument(argument, [...known.keys(), ...others]);
  }
  const { option, field } = named;
  return lines([
    flagText(option, field).trim(),
    "",
    ...wrap(field.help + defaultNote(field), ""),
    ...sourceLines(option, field),
  ]);
}

function sourceLines(option: string, field: OptionField<unknown>): string[] {
  if (field.inFile === false) return [];
  const [variable, fallback] = variableNames(option);
  return [
    "",
    `Environment variable: ${variable} (or ${fallback})`,
    `In a configuration file: ${option}`,
  ];
}

function usageLines([first = "", ...others]: readonly string[]): string[] {
  return [
    `Usage: sallyport ${first}`,
    ...others.map((line) => `       sallyport ${line}`),
    "",
  ];
}

function subcommandLines({ name, subcommands = {} }: Command): string[] {
  const names = Object.keys(subcommands);
  if (names.length === 0) return [];
  const topics = names.map((each) => `"sallyport help ${name} ${each}"`);
  const list = topics.join(", ").replace(/, ([^,]+)$/, " and $1");
  return ["", ...wrap(`See also ${list}.`, "")];
}

function optionLines(
  fields: AnyOptionFields,
  { isVerbose }: HelpStyle,
): string[] {
  const entries = Object.entries(fields);
  const flags = entries.map(([key, field]) => flagText(optionName(key), field));
  const width = Math.max(...flags.map(({ length }) => length)) + 2;
  let section: string | undefined;
  return entries.flatMap(([, field], index) => {
    const heading = field.section === section ? [] : ["", field.section];
    section = field.section;
    const flag = flags[index] ?? "";
    return isVerbose
      ? [...heading, flag, ...wrap(field.help + defaultNote(field), INDENT)]
      : [...heading, flag.padEnd(width) + summaryOf(field)];
  });
}

/** `  -i, --tunnel-name <name>` */
function flagText(
  name: string,
  { short, placeholder, arity }: OptionField<unknown>,
): string {
  const letter = short === undefined ? "    " : `-${short}, `;
  const value = arity === "switch" ? "" : ` <${placeholder ?? "value"}>`;
  return `  ${letter}--${name}${value}`;
}

function summaryOf(field: OptionField<unknown>): string {
  const value = defaultValue(field);
  const isShown = value !== undefined && field.defaultText === undefined;
  return isShown ? `${field.summary} (default ${value})` : field.summary;
}

function defaultNote(field: OptionField<unknown>): string {
  const text = field.defaultText ?? defaultValue(field);
  return text === undefined || isRequired(field) ? "" : ` Default: ${text}.`;
}

/** The default of an option with one value. */
function defaultValue(field: OptionField<unknown>): string | undefined {
  const value = isRequired(field) ? undefined : defaultOf(field);
  return typeof value === "string" && field.arity !== "switch"
    ? value
    : undefined;
}

/** Where to read more, and the other sources of options. The first option is the example. */
function moreLines(
  command: string,
  fields: AnyOptionFields,
  { isVerbose }: HelpStyle,
): string[] {
  const [key] = Object.keys(fields);
  if (key === undefined) return [];
  const more = isVerbose ? [] : [
    "",
    ...wrap(
      `"sallyport help ${command} <option>" explains an option, and ` +
        `"sallyport ${command} --help --verbose" explains all.`,
      "",
    ),
  ];
  const formats = formatLines(fields);
  const settable = Object.keys(fields).find((each) =>
    fields[each]?.inFile !== false
  );
  if (settable === undefined) return [...more, ...formats];
  const name = optionName(settable);
  const [variable, fallback] = variableNames(name);
  const text = `Options have three sources, in order of precedence: flags ` +
    `(--${name}), environment variables (${variable} or ${fallback}), and ` +
    `the configuration file (${name}).`;
  return [...more, ...formats, "", ...wrap(text, "")];
}

/** How values are written whose placeholder does not show it. */
const FORMATS: Readonly<Record<string, string>> = {
  duration: "Durations: 1h30m, 10s or 500ms.",
  bytes: "Bytes: 1000, 64Ki, 10Mi or 1Gi.",
};

function formatLines(fields: AnyOptionFields): string[] {
  const placeholders = Object.values(fields)
    .map(({ placeholder }) => placeholder);
  const known = Object.entries(FORMATS)
    .filter(([each]) => placeholders.includes(each))
    .map(([, text]) => text);
  return known.length === 0 ? [] : ["", ...wrap(known.join(" "), "")];
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
