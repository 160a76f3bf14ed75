// The three spellings of an option's name: `tunnelName` in code, `tunnel-name`
// on the command line and in files, `SALLYPORT_TUNNEL_NAME` in the environment.
import { distance } from "fastest-levenshtein";

/** Prefixes of environment variables. The first one takes precedence; the second one is Sauce Connect's. */
const PREFIXES = ["SALLYPORT_", "SAUCE_"] as const;

/** `tunnelName` as `tunnel-name`. */
export function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The variables that may set the option `name`, in order of precedence. */
export function variableNames(name: string): readonly [string, string] {
  const upper = name.toUpperCase().replaceAll("-", "_");
  const [own, fallback] = PREFIXES;
  return [own + upper, fallback + upper];
}

/**
 * Advice about an unknown name: the nearest known one, if it can be a typo. A
 * typo differs in at most a third of the letters, or in two, because swapping
 * two letters counts as two edits.
 *
 * @param otherwise The advice if no name is near.
 */
export function suggestion(
  name: string,
  candidates: readonly string[],
  otherwise: string,
): string {
  let best: string | undefined;
  let least = Math.min(Math.max(2, name.length / 3) + 1, name.length);
  for (const candidate of candidates) {
    const edits = distance(name, candidate);
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best === undefined ? otherwise : `did you mean "${best}"?`;
}
