/**
 * Text that only says something, and does nothing to the terminal it is shown in.
 *
 * @module
 */

/** What begins a line or moves the cursor: C0, DEL, C1 (ECMA-48 §5.2 and §5.3) and the separators of Unicode. */
// deno-lint-ignore no-control-regex -- they are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** `text` with its control characters written as JSON writes them: `\u001b`. */
export function visible(text: string): string {
  return text.replace(
    CONTROL,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
