/** The list of exchanges, as a table that is kept live. */
import { html } from "hono/html";
import {
  renderShellCommand,
  type ShellCommand,
} from "../../web/components/shell_command.ts";
import {
  renderEmptyState,
  renderNoMatches,
} from "../../web/components/empty_state.ts";
import { renderState } from "../../web/components/state_label.ts";
import { type Column, renderTable } from "../../web/components/table.ts";
import {
  formatElapsed,
  formatSize,
  formatTimeOfDay,
} from "../../web/format.ts";
import type { Markup } from "../../web/layout.ts";
import {
  type ExchangeFilter,
  exchangeMatcher,
  leavesOutExchanges,
} from "../record/exchange_filter.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import { explanationOf } from "../record/explanation.ts";
import { labelOfStatus } from "./exchange_text.ts";
import { BASE, pathOf } from "./layout.ts";

/** Rows of one page. The filter finds the others. */
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

/** What the list shows. */
export interface ExchangeTableView {
  readonly filter: ExchangeFilter;
  /** Memory used by all exchanges, in bytes. */
  readonly size: number;
  /** A command that makes a first exchange, when it is known. */
  readonly example: ShellCommand | undefined;
}

/** The list. @param records Newest first. */
export function renderExchanges(
  records: readonly ExchangeRecord[],
  { filter, size, example }: ExchangeTableView,
): Markup {
  const found = records.filter(exchangeMatcher(filter));
  const shown = found.slice(0, MAX_ROWS);
  const summary = summaryOf(records.length, found.length);
  return html`
    <p class="summary">${summary}</p>
    ${shown.length > 0 ? renderRows(shown) : renderEmpty(filter, example)}
    ${size === 0
      ? ""
      : html`<p class="hint">${formatSize(size)} of memory in use.</p>`}
  `;
}

function summaryOf(all: number, found: number): string {
  const noun = all === 1 ? "request" : "requests";
  const text = found === all ? `${all} ${noun}` : `${found} of ${all} ${noun}`;
  return found > MAX_ROWS ? `${text}, the newest ${MAX_ROWS} shown` : text;
}

function renderEmpty(
  filter: ExchangeFilter,
  example: ShellCommand | undefined,
): Markup {
  if (leavesOutExchanges(filter)) {
    return renderNoMatches({
      title: `No request ${conditionText(filter)}.`,
      searched: "URLs, content types and names of plugins are searched.",
      all: BASE,
    });
  }
  return renderEmptyState(
    "No requests yet.",
    html`
      <p>
        Requests appear here as they are made. Open a page in a browser that uses
        the tunnel, or send a request yourself:
      </p>
      ${example === undefined ? "" : renderShellCommand(example)}
      <p>
        HTTPS is shown as CONNECT, without its content. To see the content, name
        the host in <code>--tls-resign-domains</code>.
      </p>
    `,
  );
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
    caption: "Requests, newest first",
    columns: COLUMNS,
    rows: records.map(rowOf),
    className: "exchanges",
  });
}

function rowOf(record: ExchangeRecord): readonly (string | Markup)[] {
  const { request, response, startedAt, edits } = record;
  const type = request.protocol ??
    response?.fields.get("content-type")?.split(";")[0];
  const plugins = [...new Set(edits.map(({ plugin }) => plugin))].join(", ");
  return [
    html`<time datetime="${new Date(startedAt).toISOString()}">${
      formatTimeOfDay(startedAt)
    }</time>`,
    request.method,
    renderUrl(record),
    renderState(labelOfStatus(record)),
    type ?? (record.flow === undefined ? "–" : "bytes"),
    formatElapsed(record.duration),
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
  }">${record.shownUrl}</a>${badge}${renderReason(record)}</span>`;
}

/** Why it failed, or what it waits for. */
function renderReason(record: ExchangeRecord): Markup | "" {
  const text = explanationOf(record);
  return text === undefined ? "" : html`<span class="reason">${text}</span>`;
}

/** Bytes received; of a CONNECT or upgrade, also those sent. */
function sizeOf({ flow, received }: ExchangeRecord): string {
  if (flow === undefined) return formatSize(received);
  return `↑ ${formatSize(flow.sent)} ↓ ${formatSize(flow.received)}`;
}
