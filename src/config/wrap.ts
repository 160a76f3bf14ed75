/**
 * Text in lines of limited width.
 *
 * @module
 */

/** The width of a terminal that everyone has. */
export const WIDTH = 80;

/**
 * Breaks `text` at spaces so that `prefix` and words take at most `WIDTH`
 * columns; a longer word gets a line of its own.
 */
export function wrap(text: string, prefix: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (prefix.length + longer.length > WIDTH && line !== "") {
      lines.push(prefix + line);
      line = word;
    } else line = longer;
  }
  return [...lines, prefix + line];
}
