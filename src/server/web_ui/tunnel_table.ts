/**
 * The list of tunnels as a table; the part of the page that is kept live.
 *
 * @module
 */
import { html } from "hono/html";
import type { Tunnel } from "../tunnel.ts";
import type { TunnelHistory } from "../tunnel_history.ts";
import { durationText } from "./duration_text.ts";
import type { Markup } from "../../web/shell.ts";
import { rateText, roundTripText } from "../../web/number_text.ts";
import { isNarrow, isWanted, type TunnelFilter } from "./tunnel_filter.ts";
import { stateOf } from "./tunnel_state_text.ts";

/** Rows of one page; more would not be read. */
const MAX_ROWS = 200;
/** Ended tunnels that are shown below the live ones. */
const MAX_ENDED_ROWS = 20;

const COLUMNS = [
  "Type",
  "State",
  "Tunnel name",
  "Client hostname",
  "Owner",
  "Sharing",
  "Duration",
  "Health",
  "Round trip",
  "Streams",
  "Throughput",
] as const;

/** What the list shows of each tunnel, and which. */
export interface TableView {
  readonly filter: TunnelFilter;
  readonly history: Pick<TunnelHistory, "of">;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The list, live tunnels first.
 *
 * @param tunnels Newest first.
 */
export function renderTunnels(
  tunnels: readonly Tunnel[],
  view: TableView,
): Markup {
  const live = tunnels.filter((tunnel) => tunnel.status !== "terminated");
  const ended = tunnels.filter((tunnel) => tunnel.status === "terminated");
  const wanted = (tunnel: Tunnel) => isWanted(tunnel, view.filter);
  const shown = [
    ...live.filter(wanted),
    ...ended.filter(wanted).slice(0, MAX_ENDED_ROWS),
  ].slice(0, MAX_ROWS);
  return html`<p class="summary">${summaryOf(live)}</p>
    ${shown.length > 0 ? renderTable(shown, view) : renderNothing(view)}`;
}

function summaryOf(live: readonly Tunnel[]): string {
  const ready = live.filter((tunnel) => tunnel.isReady).length;
  if (live.length === 0) return "No active tunnels";
  const noun = live.length === 1 ? "tunnel" : "tunnels";
  return `${live.length} active ${noun}, ${ready} ready for tests`;
}

function renderNothing({ filter }: TableView): Markup {
  if (isNarrow(filter)) {
    return html`
      <div class="empty">
        <p>No tunnel is like that.</p>
        <p><a href="/">Show all</a></p>
      </div>
    `;
  }
  return html`
    <div class="empty">
      <p>You have no tunnel yet.</p>
      <p>
        A tunnel leads browsers of your test lab to sites that only your own
        network reaches. The command below starts one; it appears here as soon
        as it connects.
      </p>
    </div>
  `;
}

// The roles say what the elements mean anyway; browsers forget it when the
// style sheet lays rows out as cards.
function renderTable(tunnels: readonly Tunnel[], view: TableView): Markup {
  return html`
    <table role="table">
      <caption>Tunnels, newest first</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${COLUMNS.map((name) =>
            html`<th role="columnheader" scope="col">${name}</th>`
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${tunnels.map((tunnel) => renderRow(tunnel, view))}
      </tbody>
    </table>
  `;
}

function renderRow(tunnel: Tunnel, { history, now }: TableView): Markup {
  const state = stateOf(tunnel);
  const sample = history.of(tunnel).at(-1);
  const isLive = tunnel.status !== "terminated";
  const rate = (sample?.sentRate ?? 0) + (sample?.receivedRate ?? 0);
  const cells: readonly (string | Markup)[] = [
    "Sallyport",
    html`<span class="state ${state.look}">${state.text}</span>`,
    renderName(tunnel),
    tunnel.metadata.hostname || "–",
    tunnel.owner,
    tunnel.shared === "all" ? "Shared" : "Not shared",
    durationText((tunnel.shutdownAt ?? now) - tunnel.createdAt),
    healthOf(tunnel),
    roundTripText(isLive ? sample?.roundTripTime : undefined),
    isLive ? String(tunnel.openExchanges) : "–",
    isLive ? rateText(rate) : "–",
  ];
  return html`<tr role="row" class="${state.look}">
      ${
    cells.map((cell, at) =>
      html`<td role="cell" data-label="${COLUMNS[at]}">${cell}</td>`
    )
  }
    </tr>`;
}

function healthOf({ status, sessions }: Tunnel): string {
  if (status === "terminated") return "–";
  const count = sessions.length;
  return `${count} ${count === 1 ? "session" : "sessions"}`;
}

function renderName({ name, pool, id }: Tunnel): Markup {
  const badge = pool
    ? html`
      <span class="badge">pool</span>
    `
    : "";
  return html`<span><a href="/tunnels/${id}" title="Id ${id}"><b>${name}</b></a>${badge}</span>`;
}
