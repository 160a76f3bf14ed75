/**
 * What a command is: its words for the help, and what it does.
 *
 * @module
 */
import { ConfigError } from "../config/errors.ts";
import type { AnyFields } from "../config/field.ts";
import { suggestion } from "../config/sources/names.ts";
import type { Context, PermissionKind } from "./context.ts";

/** What a command does when a certain word follows its name. */
export interface Nested {
  /** Whole sentences. */
  readonly description: string;
  /** The options that the help lists; those of the command unless given. */
  readonly fields?: AnyFields;
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
  /** The options that the help lists. */
  readonly fields: AnyFields;
  /** What follows the name and has a help of its own, by the word; each has its lines of `usage`. */
  readonly nested?: Readonly<Record<string, Nested>>;
  /** Whether it runs until it is stopped, and the exit codes matter. */
  readonly isService?: boolean;
  /** What it does without: a mistake in it then reaches that much less. */
  readonly without?: readonly PermissionKind[];
  /**
   * Does it.
   *
   * @returns The exit code.
   * @throws {ConfigError} When it is used wrongly.
   */
  run(args: readonly string[], context: Context): Promise<number>;
}

/**
 * The word that chooses what a command does.
 *
 * @returns The one word, or `undefined` if there is none.
 * @throws {ConfigError} When it is not among `choices`, or there are more.
 */
export function onlyWord<const Word extends string>(
  words: readonly string[],
  choices: readonly Word[],
): Word | undefined {
  const [word, extra] = words;
  const known = choices.find((each) => each === word);
  const wrong = known === undefined ? word : extra;
  if (wrong !== undefined) throw unexpected(wrong, choices);
  return known;
}

/** The error for a word on the command line that belongs to nothing. */
export function unexpected(
  word: string,
  choices: readonly string[] = [],
): ConfigError {
  const toDo = suggestion(word, choices, "see --help");
  return new ConfigError(
    "unexpectedArgument",
    `Cannot use "${word}": it belongs to no option, ${toDo}`,
  );
}
