/**
 * The list of tunnels as a table; the part of the page that is kept live.
 *
 * @module
 */
import { html } from "hono/html";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import type {
  TunnelHistory,
  TunnelSample,
} from "../../tunnels/tunnel_history.ts";
import { durationText } from "./duration_text.ts";
import type { Markup } from "../../../web/shell.ts";
import { renderNothingFound } from "../../../web/nothing_found.ts";
import { renderState } from "../../../web/state_mark.ts";
import { type Column, renderTable } from "../../../web/table.ts";
import { rateText, roundTripText } from "../../../web/number_text.ts";
import { isNarrow, isWanted, type TunnelFilter } from "./tunnel_filter.ts";
import { stateOf } from "./tunnel_state_text.ts";

/** Rows of one page; more would not be read. */
const MAX_ROWS = 200;
/** Ended tunnels that are shown below the live ones. */
const MAX_ENDED_ROWS = 20;

const COLUMNS: readonly Column[] = [
  "Type",
  ["State", "words"],
  ["Tunnel name", "words"],
  ["Client hostname", "words"],
  ["Owner", "words"],
  "Sharing",
  "Duration",
  "Health",
  ["Round trip", "number"],
  ["Streams", "number"],
  ["Throughput", "number"],
];

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
  const found = [
    ...live.filter(wanted),
    ...ended.filter(wanted).slice(0, MAX_ENDED_ROWS),
  ];
  const shown = found.slice(0, MAX_ROWS);
  return html`<p class="summary">${summaryOf(live)}${
    foundText(found.length, view.filter)
  }</p>
    ${shown.length > 0 ? renderRows(shown, view) : renderNothing(view)}`;
}

function summaryOf(live: readonly Tunnel[]): string {
  const ready = live.filter((tunnel) => tunnel.isReady).length;
  if (live.length === 0) return "No active tunnels";
  const noun = live.length === 1 ? "tunnel" : "tunnels";
  return `${live.length} active ${noun}, ${ready} ready for tests`;
}

function foundText(found: number, filter: TunnelFilter): string {
  const text = isNarrow(filter) ? `; ${found} found` : "";
  return found > MAX_ROWS ? `${text}; the newest ${MAX_ROWS} shown` : text;
}

function renderNothing({ filter }: TableView): Markup {
  if (isNarrow(filter)) {
    return renderNothingFound({
      what: `No tunnel ${conditionText(filter)}.`,
      where: "Found are parts of names, hosts, owners, ids and metadata.",
      all: "/",
    });
  }
  return html`
    <div class="panel empty">
      <p>You have no tunnel yet.</p>
      <p>
        A tunnel leads browsers of your test lab to sites that only your own
        network reaches. <a href="#start">The command below</a> starts one; it
        appears here as soon as it connects.
      </p>
    </div>
  `;
}

function conditionText({ search, state }: TunnelFilter): string {
  const words = search === "" ? "" : `matches “${search}”`;
  if (state === "all") return words;
  return words === "" ? `is ${state}` : `that is ${state} ${words}`;
}

function renderRows(
  tunnels: readonly Tunnel[],
  { history, now }: TableView,
): Markup {
  return renderTable({
    caption: "Tunnels, newest first",
    columns: COLUMNS,
    rows: tunnels.map((tunnel) =>
      rowOf(tunnel, { sample: history.of(tunnel).at(-1), now })
    ),
    look: "tunnels",
    rowLooks: tunnels.map((tunnel) => stateOf(tunnel).look),
  });
}

function rowOf(
  tunnel: Tunnel,
  { sample, now }: {
    readonly sample: TunnelSample | undefined;
    readonly now: number;
  },
): readonly (string | Markup)[] {
  const state = stateOf(tunnel);
  const isLive = tunnel.status !== "terminated";
  const rate = (sample?.sentRate ?? 0) + (sample?.receivedRate ?? 0);
  return [
    "Sallyport",
    renderState(state.look, state.text),
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
  return html`<span><a id="at-${id}" href="/tunnels/${id}"
      title="Id ${id}"><b>${name}</b></a>${badge}</span>`;
}
