/**
 * Tables of a page; on narrow screens the style sheet lays their rows out as
 * cards, in which each cell says its column.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "../../web/shell.ts";

/** What a table shows. */
export interface TableContent {
  readonly caption: string;
  readonly columns: readonly string[];
  /** Each with a cell for every column. */
  readonly rows: readonly (readonly (string | Markup)[])[];
}

/** The table. The roles say what the elements mean anyway; browsers forget it when rows are laid out as cards. */
export function renderTable({ caption, columns, rows }: TableContent): Markup {
  return html`
    <table role="table">
      <caption>${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map((name) =>
            html`<th role="columnheader" scope="col">${name}</th>`
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map((cells) => renderRow(cells, columns))}
      </tbody>
    </table>
  `;
}

function renderRow(
  cells: TableContent["rows"][number],
  columns: readonly string[],
): Markup {
  return html`<tr role="row">
      ${
    cells.map((cell, at) =>
      html`<td role="cell" data-label="${columns[at]}">${cell}</td>`
    )
  }
    </tr>`;
}
