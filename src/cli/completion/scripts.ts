// The completion scripts of the shells. Each calls the hidden command
// `__complete` with ":" and the current word, then with the words before it. The
// ":" keeps empty words, which some shells drop. The output is a candidate a
// line, with its description after a tab, or ":path" for a path.

/** For bash 3.2 and later, because macOS has that version. */
const BASH = `# bash completion for sallyport
_sallyport() {
  local line current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :path ]]; then
      [[ $current == "=" ]] && current=
      COMPREPLY=($(compgen -f -- "$current"))
      return
    fi
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" __complete ":$current" \\
    "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
}
complete -F _sallyport sallyport
`;

const ZSH = `#compdef sallyport
# zsh completion for sallyport
_sallyport() {
  local line
  local -a found
  for line in "\${(@f)$("\${words[1]}" __complete ":\${words[CURRENT]}" \\
    "\${(@)words[2,CURRENT-1]}" 2>/dev/null)}"; do
    if [[ $line == :path ]]; then
      compset -P '--*='
      _files
      return
    fi
    [[ -n $line ]] && found+=("\${\${line//:/\\\\:}/$'\\t'/:}")
  done
  _describe value found
}
# Read by "source", it registers itself; as a file in $fpath it is called.
if [[ $funcstack[1] == _sallyport ]]; then
  _sallyport "$@"
else
  compdef _sallyport sallyport
fi
`;

const FISH = `# fish completion for sallyport
function __sallyport_complete
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  set -l found ($before[1] __complete ":$current" $before[2..-1] 2>/dev/null)
  if test "$found" = ":path"
    set -l flag (string match -r '^--[^=]*=' -- "$current")
    set -l path (string replace -r '^--[^=]*=' '' -- "$current")
    printf "$flag%s\\n" (__fish_complete_path "$path")
  else
    printf '%s\\n' $found
  end
end
complete -c sallyport -f -a '(__sallyport_complete)'
`;

/** For PowerShell 5.1 and later. No test runs it. */
const POWERSHELL = `# PowerShell completion for sallyport (untested)
Register-ArgumentCompleter -Native -CommandName sallyport -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)

  $before = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    ForEach-Object { $_.ToString() })
  & "$($commandAst.CommandElements[0])" __complete ":$wordToComplete" @before |
    ForEach-Object {
      if ($_ -eq ':path') { return }
      $text, $description = $_ -split "\`t", 2
      if (-not $description) { $description = $text }
      [System.Management.Automation.CompletionResult]::new(
        $text, $text, 'ParameterValue', $description)
    }
}
`;

/** The scripts, by shell. */
export const SCRIPTS: Readonly<
  Record<"bash" | "zsh" | "fish" | "powershell", string>
> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
};
