/**
 * Tables of a page; on narrow screens the style sheet lays their rows out as
 * cards, in which each cell says its column.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "./shell.ts";

/** Numbers stand below each other; what users named may be long, in one piece even. */
export type ColumnLook = "plain" | "number" | "words";

/** A column: its name, and its look unless it is plain. */
export type Column = string | readonly [name: string, look: ColumnLook];

/** What a table shows. */
export interface TableContent {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** Each with a cell for every column. */
  readonly rows: readonly (readonly (string | Markup)[])[];
  /** A class of the style sheet for the table, and one for each row. */
  readonly look?: string;
  readonly rowLooks?: readonly string[];
}

/** The table. The roles say what the elements mean anyway; browsers forget it when rows are laid out as cards. */
export function renderTable(
  { caption, columns, rows, look = "", rowLooks = [] }: TableContent,
): Markup {
  const heads = columns.map(headOf);
  return html`
    <table role="table" class="list ${look}">
      <caption>${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${heads.map(([name, look]) =>
            html`<th role="columnheader" scope="col" class="${look}">${name}</th>`
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map((cells, at) => renderRow(cells, heads, rowLooks[at] ?? ""))}
      </tbody>
    </table>
  `;
}

type Head = readonly [name: string, look: ColumnLook];

function headOf(column: Column): Head {
  return typeof column === "string" ? [column, "plain"] : column;
}

function renderRow(
  cells: TableContent["rows"][number],
  heads: readonly Head[],
  look: string,
): Markup {
  return html`<tr role="row" class="${look}">
      ${
    cells.map((cell, at) => {
      const [name, look] = heads[at] ?? ["", "plain"];
      return html`<td role="cell" data-label="${name}" class="${look}">${cell}</td>`;
    })
  }
    </tr>`;
}
