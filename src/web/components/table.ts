import { html } from "hono/html";
import type { Markup } from "../layout.ts";

/** Numbers are right-aligned. Words may be long and unbroken: users chose them. */
export type ColumnClass = "plain" | "number" | "words";

/** A column: its name, and its class if it is not plain. */
export type Column = string | readonly [name: string, className: ColumnClass];

/** What a table shows. */
export interface TableContent {
  /** Read by screen readers only. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** Each row has a cell for every column. */
  readonly rows: readonly (readonly (string | Markup)[])[];
  /** CSS class of the table. */
  readonly className?: string;
  /** CSS class of each row. */
  readonly rowClassNames?: readonly string[];
}

/**
 * The table. On narrow screens the style sheet shows each row as a card, where
 * every cell names its column. The roles repeat what the elements mean, because
 * browsers forget it when the layout is not a table's.
 */
export function renderTable(
  { caption, columns, rows, className = "", rowClassNames = [] }: TableContent,
): Markup {
  const heads = columns.map(headOf);
  return html`
    <table role="table" class="list ${className}">
      <caption>${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${heads.map(([name, className]) =>
            html`<th role="columnheader" scope="col" class="${className}">${name}</th>`
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map((cells, at) =>
          renderRow(cells, heads, rowClassNames[at] ?? "")
        )}
      </tbody>
    </table>
  `;
}

type Head = readonly [name: string, className: ColumnClass];

function headOf(column: Column): Head {
  return typeof column === "string" ? [column, "plain"] : column;
}

function renderRow(
  cells: TableContent["rows"][number],
  heads: readonly Head[],
  rowClassName: string,
): Markup {
  return html`<tr role="row" class="${rowClassName}">
      ${
    cells.map((cell, at) => {
      const [name, className] = heads[at] ?? ["", "plain"];
      return html`<td role="cell" data-label="${name}" class="${className}">${cell}</td>`;
    })
  }
    </tr>`;
}
