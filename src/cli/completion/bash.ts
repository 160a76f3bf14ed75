/**
 * Completion for bash 3.2 and later, which macOS still has.
 *
 * @module
 */
import type { CommandCompletion, OptionCompletion } from "./completion.ts";

/** The script that `source <(sallyport completion bash)` reads. */
export function bashScript(commands: readonly CommandCompletion[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# bash completion for sallyport
_sallyport() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  local previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command=\${COMP_WORDS[1]}
  local words=

  # Bash takes "--name=value" for three words.
  if [[ $current == "=" ]]; then
    current=
  elif [[ $previous == "=" ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi

  # Options without a command are those of "run".
  if [[ $COMP_CWORD -eq 1 && $current != -* ]]; then
    COMPREPLY=($(compgen -W '${names}' -- "$current"))
    return
  fi
  [[ $command == -* ]] && command=run

  case "$command $previous" in
${commands.flatMap(valueCases).join("\n")}
  esac

  case $command in
${commands.map(wordCase).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _sallyport sallyport
`;
}

function valueCases({ name, options }: CommandCompletion): string[] {
  return options.flatMap((option) => {
    const action = actionOf(option);
    if (action === undefined) return [];
    const patterns = spellings(option).map((each) => `"${name} ${each}"`);
    return [`    ${patterns.join(" | ")})\n      ${action}\n      return ;;`];
  });
}

function actionOf({ value }: OptionCompletion): string | undefined {
  switch (value.kind) {
    case "none":
      return undefined;
    case "words":
      return `COMPREPLY=($(compgen -W '${
        value.words.join(" ")
      }' -- "$current"))`;
    case "path":
      return `COMPREPLY=($(compgen -f -- "$current"))`;
    case "text":
      return "COMPREPLY=()";
  }
}

function wordCase({ name, words, options }: CommandCompletion): string {
  const flags = options.map((option) => `--${option.name}`);
  return `    ${name}) words='${[...words, ...flags].join(" ")}' ;;`;
}

function spellings({ name, short }: OptionCompletion): string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}
