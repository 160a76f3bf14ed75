/**
 * The list of exchanges as a table; the part of the page that is kept live.
 *
 * @module
 */
import { html } from "hono/html";
import { sizeText } from "../web/number_text.ts";
import type { Markup } from "../web/shell.ts";
import { type ExchangeFilter, isNarrow, isWanted } from "./exchange_filter.ts";
import type { ExchangeRecord } from "./exchange_record.ts";
import {
  clockText,
  lookOf,
  millisecondsText,
  statusTextOf,
} from "./exchange_text.ts";
import { BASE, pathOf } from "./paths.ts";

/** Rows of one page: more are found by narrowing the list. */
const MAX_ROWS = 200;

const COLUMNS = [
  "Started",
  "Method",
  "URL",
  "Status",
  "Type",
  "Time",
  "Size",
  "Plugins",
] as const;

/** What the list says of this client. */
export interface TableView {
  readonly filter: ExchangeFilter;
  /** What the exchanges cost to keep, in bytes. */
  readonly size: number;
}

/**
 * The list.
 *
 * @param records Newest first.
 */
export function renderExchanges(
  records: readonly ExchangeRecord[],
  { filter, size }: TableView,
): Markup {
  const wanted = records.filter((record) => isWanted(record, filter));
  const shown = wanted.slice(0, MAX_ROWS);
  const summary = summaryOf(records.length, wanted.length);
  return html`
    <p class="summary">${summary}</p>
    ${shown.length > 0 ? renderTable(shown) : renderNothing(filter)}
    <p class="hint">${sizeText(size)} of memory in use.</p>
  `;
}

function summaryOf(all: number, wanted: number): string {
  const noun = all === 1 ? "exchange" : "exchanges";
  const found = wanted === all
    ? `${all} ${noun}`
    : `${wanted} of ${all} ${noun}`;
  return wanted > MAX_ROWS ? `${found}, the newest ${MAX_ROWS} shown` : found;
}

function renderNothing(filter: ExchangeFilter): Markup {
  if (isNarrow(filter)) {
    return html`
      <div class="empty">
        <p>No exchange is like that.</p>
        <p><a href="${BASE}">Show all</a></p>
      </div>
    `;
  }
  return html`
    <div class="empty">
      <p>Nothing has passed yet.</p>
      <p>
        Open a page in a browser that uses the tunnel, or try one from here with
        <code>--debug-address</code>: each request appears as it is made.
        HTTPS shows as CONNECT, unread, unless
        <code>--tls-resign-domains</code> names its host.
      </p>
    </div>
  `;
}

// The roles say what the elements mean anyway; browsers forget it when the
// style sheet lays rows out as cards.
function renderTable(records: readonly ExchangeRecord[]): Markup {
  return html`
    <table role="table" class="exchanges">
      <caption>Exchanges, newest first</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${COLUMNS.map((name) =>
            html`<th role="columnheader" scope="col">${name}</th>`
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${records.map(renderRow)}
      </tbody>
    </table>
  `;
}

function renderRow(record: ExchangeRecord): Markup {
  const { request, response, startedAt, edits } = record;
  const type = request.protocol ??
    response?.fields.get("content-type")?.split(";")[0];
  const plugins = [...new Set(edits.map(({ plugin }) => plugin))].join(", ");
  const cells: readonly (string | Markup)[] = [
    html`<time datetime="${new Date(startedAt).toISOString()}">${
      clockText(startedAt)
    }</time>`,
    request.method,
    renderUrl(record),
    html`<span class="state ${lookOf(record)}">${statusTextOf(record)}</span>`,
    type ?? (record.flow === undefined ? "–" : "bytes"),
    millisecondsText(record.duration),
    sizeOf(record),
    plugins === "" ? "–" : plugins,
  ];
  return html`<tr role="row">
      ${
    cells.map((cell, at) =>
      html`<td role="cell" data-label="${COLUMNS[at]}">${cell}</td>`
    )
  }
    </tr>`;
}

function renderUrl(record: ExchangeRecord): Markup {
  const badge = record.replayOf === undefined ? "" : html`
    <span class="badge">replay</span>
  `;
  return html`<span><a id="at-${record.id}" href="${
    pathOf(record)
  }">${record.shownUrl}</a>${badge}</span>`;
}

/** What came, and both ways where it is bytes. */
function sizeOf({ flow, received }: ExchangeRecord): string {
  if (flow === undefined) return sizeText(received);
  return `↑ ${sizeText(flow.sent)} ↓ ${sizeText(flow.received)}`;
}
