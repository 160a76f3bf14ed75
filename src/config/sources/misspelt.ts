/**
 * Finds variables of the environment that were meant to set an option.
 *
 * The program may read what is called `SALLYPORT_…` and nothing else of the
 * environment, and so may not list what there is. It looks up instead what
 * every option would be called after one slip of the finger, a thousand names
 * for each, which takes tens of milliseconds together.
 *
 * @module
 */
import { CLIENT_FIELDS } from "../options/client_config.ts";
import type { Environment } from "./environment.ts";
import { type AnyFields, byName } from "../field.ts";
import { variableNames } from "./names.ts";
import { SERVER_FIELDS } from "../options/server_config.ts";

/** What names of variables are made of. */
const LETTERS: readonly string[] = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"];
/** The prefix is not misspelt: other names may not be looked up. */
const PREFIX = variableNames("")[0];

/** A variable that is set and means nothing. */
export interface Misspelt {
  readonly name: string;
  /** The variable that sets an option. */
  readonly meant: string;
}

/** Variables that are one slip away from those of `fields`, and set no option of client or server. */
export function misspeltVariables(
  fields: AnyFields,
  environment: Environment,
): readonly Misspelt[] {
  const known = new Set([
    ...variablesOf({ ...CLIENT_FIELDS }),
    ...variablesOf({ ...SERVER_FIELDS }),
  ]);
  const found = new Map<string, string>();
  for (const meant of variablesOf(fields)) {
    for (const slip of slipsOf(meant.slice(PREFIX.length))) {
      const name = PREFIX + slip;
      if (known.has(name) || found.has(name) || !environment(name)) continue;
      found.set(name, meant);
    }
  }
  return Array.from(found, ([name, meant]) => ({ name, meant }));
}

function variablesOf(fields: AnyFields): readonly string[] {
  return [...byName(fields).keys()].map((name) => variableNames(name)[0]);
}

/** `word` with a letter too few, too many or another, or two in the wrong order. */
function* slipsOf(word: string): Generator<string> {
  for (let at = 0; at <= word.length; at += 1) {
    const before = word.slice(0, at);
    const [one = "", two = ""] = word.slice(at);
    const after = word.slice(at + 1);
    yield before + after;
    yield before + two + one + word.slice(at + 2);
    for (const letter of LETTERS) {
      yield before + letter + one + after;
      yield before + letter + after;
    }
  }
}
