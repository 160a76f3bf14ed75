/**
 * One name in its three spellings: `tunnelName` in code, `tunnel-name` on the
 * command line and in files, `SALLYPORT_TUNNEL_NAME` in the environment.
 *
 * @module
 */
import { distance } from "fastest-levenshtein";

/** Environment prefixes, the first one found wins; the second eases moving here. */
const PREFIXES = ["SALLYPORT_", "SAUCE_"] as const;

/** `tunnelName` as `tunnel-name`. */
export function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The variables that may set the option `name`, the strongest first. */
export function variableNames(name: string): readonly [string, string] {
  const upper = name.toUpperCase().replaceAll("-", "_");
  const [own, fallback] = PREFIXES;
  return [own + upper, fallback + upper];
}

/**
 * What to do about a name that does not exist: the nearest one that does, if
 * it is near enough to be a slip of the finger: a third of its letters, or two,
 * which is two letters in the wrong order.
 *
 * @param otherwise What to say when nothing is near.
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
