import { ConfigError } from "../config/errors.ts";
import type { AnyOptionFields } from "../config/field.ts";
import type { CollectedOptions } from "../config/load.ts";
import { suggestion } from "../config/option_names.ts";
import type { Context, PermissionKind } from "./context.ts";

/** A subcommand, such as `add` of `user add`. */
export interface Subcommand {
  /** Whole sentences. */
  readonly description: string;
  /** The options in its help; by default those of the command. */
  readonly fields?: AnyOptionFields;
}

/** A command of the program. */
export interface Command {
  readonly name: string;
  /** A few words for the list of commands. */
  readonly summary: string;
  /** The lines after "Usage:", without the program's name. */
  readonly usage: readonly string[];
  /** What it does: whole sentences. */
  readonly description: string;
  /** The options in its help. */
  readonly fields: AnyOptionFields;
  /** The subcommands, by name. Each has its own lines in `usage`. */
  readonly subcommands?: Readonly<Record<string, Subcommand>>;
  /** Whether it runs until it is stopped. Its help then lists the exit codes. */
  readonly isService?: boolean;
  /** Whether help and completion leave it out. */
  readonly isHidden?: boolean;
  /** The permissions that it does not need. They are revoked, which limits the damage of a defect. */
  readonly without?: readonly PermissionKind[];
  /**
   * Runs the command.
   *
   * @returns The exit code.
   * @throws {ConfigError} If it is used wrongly.
   */
  run(args: readonly string[], context: Context): Promise<number>;
}

/**
 * The only argument of a command that takes at most one.
 *
 * @returns The argument, or `undefined` if there is none.
 * @throws {ConfigError} If it is not one of `choices`, or if there are more.
 */
export function onlyArgument<const Word extends string>(
  args: readonly string[],
  choices: readonly Word[],
): Word | undefined {
  const [first, extra] = args;
  const known = choices.find((each) => each === first);
  const wrong = known === undefined ? first : extra;
  if (wrong !== undefined) throw unexpectedArgument(wrong, choices);
  return known;
}

/**
 * Whether the subcommand `config-file` is given. Other arguments are mistakes.
 *
 * @throws {ConfigError} If it is given, and something is wrong.
 */
export function configFileRequested(
  { positionals, mistakes }: Pick<
    CollectedOptions,
    "positionals" | "mistakes"
  >,
): boolean {
  // An argument after an unknown option may be its value.
  const word = mistakes.mayHideOptions
    ? positionals.find((each) => each === "config-file")
    : mistakes.attempt(() => onlyArgument(positionals, ["config-file"]));
  if (word !== undefined) mistakes.throwIfAny();
  return word !== undefined;
}

/** The error for an argument that the command does not take. */
export function unexpectedArgument(
  argument: string,
  choices: readonly string[] = [],
): ConfigError {
  const toDo = suggestion(argument, choices, "see --help");
  return new ConfigError(
    "unexpectedArgument",
    `Cannot use "${argument}": unexpected argument, ${toDo}`,
  );
}

/**
 * The error for a required argument that is missing.
 *
 * @param purpose What the command cannot do: `change users`.
 * @param what The argument: `the user`.
 * @param example A correct command line, without the program's name.
 */
export function missingArgument(
  purpose: string,
  what: string,
  example: string,
): ConfigError {
  return new ConfigError(
    "required",
    `Cannot ${purpose}: ${what} is missing, use "sallyport ${example}"`,
  );
}
