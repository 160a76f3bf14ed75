/**
 * Completion for fish.
 *
 * @module
 */
import type { CommandCompletion, OptionCompletion } from "./completion.ts";

/** The script for `~/.config/fish/completions/sallyport.fish`. */
export function fishScript(commands: readonly CommandCompletion[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# fish completion for sallyport
complete -c sallyport -f
${
    commands.flatMap((command) => [
      commandLine(command, names),
      ...wordLines(command),
      ...command.options.map((option) => optionLine(command, option, names)),
    ]).join("\n")
  }
`;
}

function commandLine({ name, summary }: CommandCompletion, names: string) {
  return `complete -c sallyport -n ${
    quoted(`not __fish_seen_subcommand_from ${names}`)
  } -a ${name} -d ${quoted(summary)}`;
}

function wordLines({ name, words }: CommandCompletion): string[] {
  if (words.length === 0) return [];
  const condition = quoted(`__fish_seen_subcommand_from ${name}`);
  return [
    `complete -c sallyport -n ${condition} -a ${quoted(words.join(" "))}`,
  ];
}

function optionLine(
  { name: command }: CommandCompletion,
  { name, short, summary, value }: OptionCompletion,
  names: string,
): string {
  // Options without a command are those of "run".
  const condition = command === "run"
    ? `__fish_seen_subcommand_from run; or not __fish_seen_subcommand_from ${names}`
    : `__fish_seen_subcommand_from ${command}`;
  const services = [`complete -c sallyport -n ${quoted(condition)} -l ${name}`];
  if (short !== undefined) services.push(`-s ${short}`);
  if (value.kind === "words") {
    services.push(`-x -a ${quoted(value.words.join(" "))}`);
  }
  if (value.kind === "text") services.push("-x");
  if (value.kind === "path") services.push("-r -F");
  return [...services, `-d ${quoted(summary)}`].join(" ");
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
