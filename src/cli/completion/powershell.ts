/**
 * Completion for PowerShell 5.1 and later.
 *
 * @module
 */
import type { CommandCompletion, OptionCompletion } from "./completion.ts";

/** The script for `$PROFILE`. */
export function powershellScript(
  commands: readonly CommandCompletion[],
): string {
  return `# PowerShell completion for sallyport
Register-ArgumentCompleter -Native -CommandName sallyport -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)

  $commands = [ordered]@{
${
    commands.map(({ name, summary }) =>
      `    ${quoted(name)} = ${quoted(summary)}`
    ).join("\n")
  }
  }
  $words = @{
${
    commands.map(({ name, words }) => `    ${quoted(name)} = ${list(words)}`)
      .join("\n")
  }
  }
  $options = @{
${commands.map(optionTable).join("\n")}
  }
  $values = @{
${commands.flatMap(valueLines).join("\n")}
  }

  $before = @($commandAst.CommandElements | Where-Object {
    $_.Extent.EndOffset -lt $cursorPosition
  } | ForEach-Object { $_.ToString() })

  # Options without a command are those of "run".
  $command = 'run'
  $hasCommand = $before.Count -gt 1 -and $before[1] -notlike '-*'
  if ($hasCommand) { $command = $before[1] }

  $offered = [ordered]@{}
  $value = $values["$command $($before[-1])"]
  if ($null -ne $value) {
    foreach ($each in $value) { $offered[$each] = $each }
  } else {
    if (-not $hasCommand -and $before.Count -eq 1) {
      foreach ($each in $commands.Keys) { $offered[$each] = $commands[$each] }
    }
    if ($hasCommand) {
      foreach ($each in $words[$command]) { $offered[$each] = $each }
    }
    if ($null -ne $options[$command]) {
      foreach ($each in $options[$command].Keys) {
        $offered[$each] = $options[$command][$each]
      }
    }
  }
  $offered.Keys | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new(
      $_, $_, 'ParameterValue', $offered[$_])
  }
}
`;
}

function optionTable({ name, options }: CommandCompletion): string {
  const rows = options.map((option) =>
    `      ${quoted(`--${option.name}`)} = ${quoted(option.summary)}`
  );
  return `    ${quoted(name)} = [ordered]@{\n${rows.join("\n")}\n    }`;
}

function valueLines({ name, options }: CommandCompletion): string[] {
  return options.flatMap((option) =>
    spellings(option).flatMap((spelling) => {
      const { value } = option;
      if (value.kind !== "words") return [];
      return [`    ${quoted(`${name} ${spelling}`)} = ${list(value.words)}`];
    })
  );
}

/** PowerShell's keys ignore case, so `-R` and `-r` would be one: long names only. */
function spellings({ name }: OptionCompletion): string[] {
  return [`--${name}`];
}

function list(words: readonly string[]): string {
  return `@(${words.map(quoted).join(", ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
