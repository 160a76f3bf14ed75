/**
 * Completion for zsh.
 *
 * @module
 */
import type {
  CommandCompletion,
  OptionCompletion,
  ValueCompletion,
} from "./completion.ts";

/** The script for a file `_sallyport` in a folder of `$fpath`, or for `source`. */
export function zshScript(commands: readonly CommandCompletion[]): string {
  const described = commands.map(({ name, summary }) =>
    `    ${quoted(`${name}:${summary}`)}`
  );
  return `#compdef sallyport
# zsh completion for sallyport
_sallyport() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi

  # Options without a command are those of "run".
  local command=$words[2]
  if [[ $command == -* ]]; then
    command=run
  else
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}
# Read by "source", it registers itself; as a file in $fpath it is called.
if [[ $funcstack[1] == _sallyport ]]; then
  _sallyport "$@"
else
  compdef _sallyport sallyport
fi
`;
}

function commandCase({ name, words, options }: CommandCompletion): string {
  const specs = options.flatMap(specsOf);
  if (words.length > 0) specs.push(`'1: :(${words.join(" ")})'`);
  return `    ${name})\n      _arguments -s \\\n        ${
    specs.join(" \\\n        ")
  } ;;`;
}

function specsOf({ name, short, summary, value }: OptionCompletion): string[] {
  const text = summary.replace(/[\\[\]:]/g, "\\$&");
  const rest = `[${text}]${actionOf(value)}`;
  const takesValue = value.kind !== "none";
  const long = quoted(`*--${name}${takesValue ? "=" : ""}${rest}`);
  if (short === undefined) return [long];
  return [long, quoted(`*-${short}${takesValue ? "+" : ""}${rest}`)];
}

function actionOf(value: ValueCompletion): string {
  switch (value.kind) {
    case "none":
      return "";
    case "words":
      return `:value:(${value.words.join(" ")})`;
    case "path":
      return ":path:_files";
    case "text":
      return `:${value.placeholder.replace(/[\\[\]:]/g, "\\$&")}:`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
