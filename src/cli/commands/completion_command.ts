/**
 * `sallyport completion`: what a shell needs to complete command lines.
 *
 * @module
 */
import { type Command, missingArgument, onlyArgument } from "../command.ts";
import { bashScript } from "../completion/bash.ts";
import {
  type CommandCompletion,
  completionsOf,
} from "../completion/completion.ts";
import { fishScript } from "../completion/fish.ts";
import { powershellScript } from "../completion/powershell.ts";
import { zshScript } from "../completion/zsh.ts";
import { EXIT } from "../exit_code.ts";

const SCRIPTS = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
} satisfies Record<string, (of: readonly CommandCompletion[]) => string>;

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/**
 * The command `completion`.
 *
 * @param commands All commands, asked for when it runs.
 */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: "completion",
    without: ["net", "read", "write"],
    summary: "Print a completion script for your shell",
    usage: [`completion <${SHELLS.join("|")}>`],
    description: "Prints a script for your shell that completes commands, " +
      "options and their values. For this shell only: " +
      "source <(sallyport completion bash), the same with zsh, " +
      "sallyport completion fish | source, or " +
      "sallyport completion powershell | Out-String | Invoke-Expression. " +
      "For every shell, put that line into its start file: ~/.bashrc, " +
      "~/.zshrc after compinit, ~/.config/fish/config.fish, $PROFILE.",
    fields: {},
    run: (args, { print }) => {
      const shell = onlyArgument(args, SHELLS);
      if (shell === undefined) {
        const example = `completion ${SHELLS.join("|")}`;
        throw missingArgument("complete", "the shell", example);
      }
      print(SCRIPTS[shell](completionsOf(commands())));
      return Promise.resolve(EXIT.done);
    },
  };
}
