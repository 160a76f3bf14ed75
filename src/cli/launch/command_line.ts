/*
 * What of a command line is about starting programs. This file imports nothing:
 * the program reads it before it loads anything else.
 */

/** A command line of `run`, in two parts. */
export interface SplitCommandLine {
  /** The arguments of Sallyport. */
  readonly own: readonly string[];
  /** What follows the first `--`; `undefined` without it. */
  readonly command: readonly string[] | undefined;
}

/** Parts the arguments at the first `--`. */
export function splitCommandLine(args: readonly string[]): SplitCommandLine {
  const at = args.indexOf("--");
  return at < 0
    ? { own: args, command: undefined }
    : { own: args.slice(0, at), command: args.slice(at + 1) };
}

/**
 * Whether the program starts another one: with `run … -- command`, or itself
 * with `run --detach`.
 *
 * @param args The arguments after the program's name.
 */
export function startsPrograms(args: readonly string[]): boolean {
  const [first = ""] = args;
  const isRun = first === "run" || first.startsWith("-");
  const { own, command } = splitCommandLine(args);
  return isRun && (command !== undefined || own.some(isDetach));
}

/** `--detach`, also with a value that turns it off: then nothing is started. */
function isDetach(arg: string): boolean {
  return arg === "--detach" || arg.startsWith("--detach=");
}
