// `sallyport completion`: the script with which a shell completes command lines,
// and the hidden command that the scripts call.
import { type Command, missingArgument, onlyArgument } from "../command.ts";
import { complete } from "../completion/candidates.ts";
import { SCRIPTS } from "../completion/scripts.ts";
import { EXIT } from "../exit_code.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** The startup file of each shell, and the line for it. */
const STARTUP_LINES: readonly string[] = [
  // Bash 3.2 of macOS reads nothing from "source <(…)".
  '  ~/.bashrc                   eval "$(sallyport completion bash)"',
  '  ~/.zshrc                    eval "$(sallyport completion zsh)"',
  "  ~/.config/fish/config.fish  sallyport completion fish | source",
  "  $PROFILE                    sallyport completion powershell |",
  "                                Out-String | Invoke-Expression",
];

/** The command `completion`. */
export const COMPLETION_COMMAND: Command = {
  name: "completion",
  without: ["net", "read", "write"],
  summary: "Print a completion script for your shell",
  usage: [`completion <${SHELLS.join("|")}>`],
  description: "Prints a script for your shell. With it, the shell completes " +
    "commands, options and their values. Run the line of your shell to try " +
    "it. Add the line to the startup file to have it in every shell.\n\n" +
    STARTUP_LINES.join("\n") +
    "\n\nIn ~/.zshrc it comes after compinit. The PowerShell script is " +
    "untested.",
  fields: {},
  run: (args, { print }) => {
    const shell = onlyArgument(args, SHELLS);
    if (shell === undefined) {
      const example = `completion ${SHELLS.join("|")}`;
      throw missingArgument("complete", "the shell", example);
    }
    print(SCRIPTS[shell]);
    return Promise.resolve(EXIT.done);
  },
};

/**
 * The command `__complete`, which the scripts call: `":" + word` first, then the
 * words before it.
 *
 * @param commands Returns all commands.
 */
export function completeCommand(commands: () => readonly Command[]): Command {
  return {
    name: "__complete",
    isHidden: true,
    without: ["net", "read", "write"],
    summary: "Complete a command line for a shell",
    usage: ["__complete :<word> [words before it]"],
    description: "Prints the completions of a word.",
    fields: {},
    run: ([word = "", ...before], { print }) => {
      const found = complete(word.slice(1), before, commands());
      if (found === "path") print(":path\n");
      else {
        print(
          found.map(({ text, description }) => `${text}\t${description}\n`)
            .join(""),
        );
      }
      return Promise.resolve(EXIT.done);
    },
  };
}
