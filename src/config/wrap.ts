/** The width of the narrowest common terminal, in columns. */
export const WIDTH = 80;

/**
 * Breaks `text` at spaces into lines of at most `WIDTH` columns, each with
 * `prefix`. A longer word gets its own line. A line break in `text` stays.
 */
export function wrap(text: string, prefix: string): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, prefix));
}

function wrapLine(text: string, prefix: string): string[] {
  if (prefix.length + text.length <= WIDTH) return [prefix + text];
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
