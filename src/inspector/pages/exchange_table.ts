/**
 * The list of exchanges as a table; the part of the page that is kept live.
 *
 * @module
 */
import { html } from "hono/html";
import { renderCommand } from "../../web/command.ts";
import { renderNothingFound } from "../../web/nothing_found.ts";
import { sizeText } from "../../web/number_text.ts";
import type { Markup } from "../../web/shell.ts";
import { renderState } from "../../web/state_mark.ts";
import { type Column, renderTable } from "../../web/table.ts";
import {
  type ExchangeFilter,
  isNarrow,
  isWanted,
} from "../record/exchange_filter.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import {
  clockText,
  lookOf,
  millisecondsText,
  statusTextOf,
} from "../record/exchange_text.ts";
import { BASE, pathOf } from "./paths.ts";

/** Rows of one page: more are found by narrowing the list. */
const MAX_ROWS = 200;

const COLUMNS: readonly Column[] = [
  "Started",
  "Method",
  ["URL", "words"],
  "Status",
  ["Type", "words"],
  ["Time", "number"],
  ["Size", "number"],
  ["Plugins", "words"],
];

/** What the list says of this client. */
export interface TableView {
  readonly filter: ExchangeFilter;
  /** What the exchanges cost to keep, in bytes. */
  readonly size: number;
  /** A command that makes a first one, once it is known. */
  readonly example: string | undefined;
}

/**
 * The list.
 *
 * @param records Newest first.
 */
export function renderExchanges(
  records: readonly ExchangeRecord[],
  { filter, size, example }: TableView,
): Markup {
  const wanted = records.filter((record) => isWanted(record, filter));
  const shown = wanted.slice(0, MAX_ROWS);
  const summary = summaryOf(records.length, wanted.length);
  return html`
    <p class="summary">${summary}</p>
    ${shown.length > 0 ? renderRows(shown) : renderNothing(filter, example)}
    ${size === 0
      ? ""
      : html`<p class="hint">${sizeText(size)} of memory in use.</p>`}
  `;
}

function summaryOf(all: number, wanted: number): string {
  const noun = all === 1 ? "exchange" : "exchanges";
  const found = wanted === all
    ? `${all} ${noun}`
    : `${wanted} of ${all} ${noun}`;
  return wanted > MAX_ROWS ? `${found}, the newest ${MAX_ROWS} shown` : found;
}

function renderNothing(
  filter: ExchangeFilter,
  example: string | undefined,
): Markup {
  if (isNarrow(filter)) {
    return renderNothingFound({
      what: `No exchange ${conditionText(filter)}.`,
      where: "Found are words of URLs, content types and names of plugins.",
      all: BASE,
    });
  }
  return html`
    <div class="panel empty">
      <p>Nothing has passed yet.</p>
      <p>
        Each request appears here as it is made. Open a page in a browser that
        uses the tunnel, or ask for one yourself:
      </p>
      ${example === undefined ? "" : renderCommand(example)}
      <p>
        HTTPS shows as CONNECT, unread, unless
        <code>--tls-resign-domains</code> names its host.
      </p>
    </div>
  `;
}

function conditionText({ search, method, status }: ExchangeFilter): string {
  const all = [
    ...search === "" ? [] : [`matches “${search}”`],
    ...method === "all" ? [] : [`has the method ${method}`],
    ...status === "all" ? [] : [`has the status ${status}`],
  ];
  return all.join(" and ");
}

function renderRows(records: readonly ExchangeRecord[]): Markup {
  return renderTable({
    caption: "Exchanges, newest first",
    columns: COLUMNS,
    rows: records.map(rowOf),
    look: "exchanges",
  });
}

function rowOf(record: ExchangeRecord): readonly (string | Markup)[] {
  const { request, response, startedAt, edits } = record;
  const type = request.protocol ??
    response?.fields.get("content-type")?.split(";")[0];
  const plugins = [...new Set(edits.map(({ plugin }) => plugin))].join(", ");
  return [
    html`<time datetime="${new Date(startedAt).toISOString()}">${
      clockText(startedAt)
    }</time>`,
    request.method,
    renderUrl(record),
    renderState(lookOf(record), statusTextOf(record)),
    type ?? (record.flow === undefined ? "–" : "bytes"),
    millisecondsText(record.duration),
    sizeOf(record),
    plugins === "" ? "–" : plugins,
  ];
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
