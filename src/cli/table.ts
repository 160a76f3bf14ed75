// Lists for people: a heading and columns. Lists for programs are JSON.
import { visible } from "../log/visible.ts";

/** What stands where there is no value. */
const NOTHING = "-";

/**
 * A table with a heading, as lines. Control characters in values are escaped.
 *
 * @param rows As many values as columns; `undefined` and "" are shown as a dash.
 */
export function textTable(
  columns: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): string {
  const cells = [
    columns.map((each) => each.toUpperCase()),
    ...rows.map((row) => row.map((each) => visible(each || NOTHING))),
  ];
  const widths = columns.map((_, at) =>
    Math.max(...cells.map((row) => row[at]?.length ?? 0))
  );
  return cells.map((row) =>
    `${
      row.map((each, at) => each.padEnd(widths[at] ?? 0)).join("  ").trimEnd()
    }\n`
  ).join("");
}

/** A value as JSON for programs, in lines that people can read. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
