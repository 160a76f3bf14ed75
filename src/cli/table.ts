// Lists for people: a heading and columns. Lists for programs are JSON.
import { fieldsIn } from "../config/field.ts";
import { onOff } from "../config/values/values.ts";
import { visible } from "../log/visible.ts";

/** Shown in place of a missing value. */
const NOTHING = "-";

const field = fieldsIn("Options", { inFile: false });

/** The option for programs. */
export const JSON_FIELD = {
  json: field(onOff(), {
    summary: "Print JSON",
    help: "Prints JSON for programs in place of a text for people.",
  }),
};

/** A value of a list. A number of milliseconds since 1970 is a `Date`. */
export type Cell = string | number | Date | undefined;

/** What a command lists: each row has as many values as there are columns. */
export class Listing {
  readonly #columns: readonly string[];
  readonly #rows: readonly (readonly Cell[])[];

  /** @param columns Lower case, words with spaces. */
  constructor(
    columns: readonly string[],
    rows: readonly (readonly Cell[])[],
  ) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /** As a table, or as JSON: an array of objects, in which a missing value is `null`. */
  text({ json }: { readonly json: boolean }): string {
    if (!json) {
      return textTable(
        this.#columns,
        this.#rows.map((row) => row.map(cellText)),
      );
    }
    const keys = this.#columns.map((each) => each.replaceAll(" ", "_"));
    return jsonText(
      this.#rows.map((row) =>
        Object.fromEntries(
          keys.map((key, at) => {
            const cell = row[at];
            return [key, cell === undefined || cell === "" ? null : cell];
          }),
        )
      ),
    );
  }
}

function cellText(cell: Cell): string | undefined {
  return cell instanceof Date ? cell.toISOString() : cell?.toString();
}

/** The time that is so many milliseconds after 1970, for a list. */
export function timeCell(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}

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
