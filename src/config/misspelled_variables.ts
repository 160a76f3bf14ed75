// Finds misspelled environment variables.
//
// The program may read only variables that begin with `SALLYPORT_`, and so
// cannot list the environment. It looks up every typo of every option instead:
// about a thousand names each, which takes tens of milliseconds in all.
import { CLIENT_FIELDS } from "./options/client_config.ts";
import type { Environment } from "./sources/environment.ts";
import { type AnyOptionFields, fieldsByName } from "./field.ts";
import { variableNames } from "./option_names.ts";
import { SERVER_FIELDS } from "./options/server_config.ts";

/** The characters in names of variables. */
const LETTERS: readonly string[] = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"];
/** The prefix stays as it is: the program may not look up other names. */
const PREFIX = variableNames("")[0];

/** A variable that is set but has no effect. */
export interface MisspelledVariable {
  readonly name: string;
  /** The correct variable. */
  readonly correct: string;
}

/** The variables that are one typo away from those of `fields`, and set no other option of client or server. */
export function misspelledVariables(
  fields: AnyOptionFields,
  environment: Environment,
): readonly MisspelledVariable[] {
  const known = new Set([
    ...variablesOf(CLIENT_FIELDS),
    ...variablesOf(SERVER_FIELDS),
  ]);
  const found = new Map<string, string>();
  for (const correct of variablesOf(fields)) {
    for (const typo of typosOf(correct.slice(PREFIX.length))) {
      const name = PREFIX + typo;
      // Nearly none is set, and that is the cheapest to ask.
      if (!environment(name) || known.has(name) || found.has(name)) continue;
      found.set(name, correct);
    }
  }
  return Array.from(found, ([name, correct]) => ({ name, correct }));
}

function variablesOf(fields: AnyOptionFields): readonly string[] {
  return [...fieldsByName(fields).keys()].map((name) => variableNames(name)[0]);
}

/** `word` with one letter missing, added or replaced, or with two neighbours swapped. */
function typosOf(word: string): readonly string[] {
  const typos: string[] = [];
  for (let at = 0; at <= word.length; at += 1) {
    const before = word.slice(0, at);
    const [one = "", two = ""] = word.slice(at, at + 2);
    const after = word.slice(at + 1);
    const from = word.slice(at);
    typos.push(before + after, before + two + one + word.slice(at + 2));
    for (const letter of LETTERS) {
      typos.push(before + letter + from, before + letter + after);
    }
  }
  return typos;
}
