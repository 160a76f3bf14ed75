import { distance } from "fastest-levenshtein";

/**
 * The one of `known` that `text` is probably a typo of, if there is one. A typo
 * differs in at most a third of the letters, or in two, because swapping two
 * letters counts as two edits.
 */
export function nearest(
  text: string,
  known: readonly string[],
): string | undefined {
  const lower = text.toLowerCase();
  let best: string | undefined;
  let least = Math.min(Math.max(2, text.length / 3) + 1, text.length);
  for (const name of known) {
    const edits = distance(lower, name.toLowerCase());
    if (edits < least) [best, least] = [name, edits];
  }
  return best;
}

/** `did you mean "a"?`, or what else there is. */
export function advice(
  text: string,
  known: readonly string[],
  otherwise: string,
): string {
  const near = nearest(text, known);
  return near === undefined ? otherwise : `did you mean "${near}"?`;
}
