/**
 * Tables of users, keys and the audit log.
 *
 * @module
 */
import { html } from "hono/html";
import type { Markup } from "../../web/shell.ts";

/** A table; on narrow windows each row is a card that names its values. */
export function renderTable(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
): Markup {
  // The roles say what the elements mean anyway; browsers forget it when the
  // style sheet lays rows out as cards.
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
        ${rows.map((cells) =>
          html`<tr role="row">${
            cells.map((cell, at) =>
              html`<td role="cell" data-label="${
                columns[at]
              }"><span>${cell}</span></td>`
            )
          }</tr>`
        )}
      </tbody>
    </table>
  `;
}

/** A moment, to the minute, in a time that is the same for everybody. */
export function renderMoment(milliseconds: number | undefined): Markup {
  if (milliseconds === undefined) return html`never`;
  const moment = new Date(milliseconds).toISOString();
  const text = moment.slice(0, 16).replace("T", " ");
  return html`<time datetime="${moment}">${text} UTC</time>`;
}

/** Choices of a form. */
export function renderOptions(
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
): readonly Markup[] {
  return options.map(([value, text]) =>
    html`<option value="${value}" ${
      value === chosen ? "selected" : ""
    }>${text}</option>`
  );
}
