/**
 * Text that only says something, and does nothing to the terminal it is shown
 * in: the one place where that is decided, for logs, lists, errors and the lines
 * below the log.
 */

/**
 * What no reader sees as itself: control characters, which begin a line or move
 * the cursor (Cc: ECMA-48 §5.2 and §5.3); format characters, which reorder what
 * stands around them (UAX #9) or are not there at all (Cf: bidirectional
 * controls, zero-width ones, tags); the separators of lines and paragraphs; halves
 * of surrogate pairs; and the fillers and the blank of Braille, which look like
 * nothing.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u2800\u3164\uffa0]/gu;

/** `text` with what cannot be seen written as JSON writes it: `\u001b`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** Whether there is something in it that cannot be seen. */
export function hasUnseen(text: string): boolean {
  UNSEEN.lastIndex = 0;
  return UNSEEN.test(text);
}

/** One character, of one or two units of UTF-16. */
function escaped(character: string): string {
  return character.split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
