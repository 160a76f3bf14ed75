/** The list of tunnels, as a table that is kept live. */
import { html } from "hono/html";
import {
  renderEmptyState,
  renderNoMatches,
} from "../../../web/components/empty_state.ts";
import { renderState } from "../../../web/components/state_label.ts";
import { type Column, renderTable } from "../../../web/components/table.ts";
import {
  formatDuration,
  formatRate,
  formatRoundTrip,
} from "../../../web/format.ts";
import type { Markup } from "../../../web/layout.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import type {
  TunnelHistory,
  TunnelSample,
} from "../../tunnels/tunnel_history.ts";
import {
  leavesOutTunnels,
  matchesTunnelFilter,
  type TunnelFilter,
} from "./tunnel_filter.ts";
import { labelOfState } from "./tunnel_state.ts";

/** Rows of one page. Nobody reads more. */
const MAX_ROWS = 200;
/** Ended tunnels, shown below the live ones. */
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

/** What the list shows. */
export interface TunnelTableView {
  readonly filter: TunnelFilter;
  readonly history: Pick<TunnelHistory, "of">;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The list, live tunnels first. @param tunnels Newest first. */
export function renderTunnels(
  tunnels: readonly Tunnel[],
  view: TunnelTableView,
): Markup {
  const live = tunnels.filter((tunnel) => tunnel.status !== "terminated");
  const ended = tunnels.filter((tunnel) => tunnel.status === "terminated");
  const matches = (tunnel: Tunnel) => matchesTunnelFilter(tunnel, view.filter);
  const found = [
    ...live.filter(matches),
    ...ended.filter(matches).slice(0, MAX_ENDED_ROWS),
  ];
  const shown = found.slice(0, MAX_ROWS);
  return html`<p class="summary">${summaryOf(live)}${
    foundText(found.length, view.filter)
  }</p>
    ${shown.length > 0 ? renderRows(shown, view) : renderEmpty(view)}`;
}

function summaryOf(live: readonly Tunnel[]): string {
  const ready = live.filter((tunnel) => tunnel.isReady).length;
  if (live.length === 0) return "No active tunnels";
  const noun = live.length === 1 ? "tunnel" : "tunnels";
  return `${live.length} active ${noun}, ${ready} ready for tests`;
}

function foundText(found: number, filter: TunnelFilter): string {
  const text = leavesOutTunnels(filter) ? `; ${found} found` : "";
  return found > MAX_ROWS ? `${text}; the newest ${MAX_ROWS} shown` : text;
}

function renderEmpty({ filter }: TunnelTableView): Markup {
  if (leavesOutTunnels(filter)) {
    return renderNoMatches({
      title: `No tunnel ${conditionText(filter)}.`,
      searched: "Names, hosts, owners, ids and metadata are searched.",
      all: "/",
    });
  }
  return renderEmptyState(
    "You have no tunnel yet.",
    html`
      <p>
        A tunnel lets browsers of your test lab reach sites in your own network.
        <a href="#start">The command below</a> starts one. It appears here as soon
        as it connects.
      </p>
    `,
  );
}

function conditionText({ search, state }: TunnelFilter): string {
  const words = search === "" ? "" : `matches “${search}”`;
  if (state === "all") return words;
  return words === "" ? `is ${state}` : `that is ${state} ${words}`;
}

function renderRows(
  tunnels: readonly Tunnel[],
  { history, now }: TunnelTableView,
): Markup {
  return renderTable({
    caption: "Tunnels, newest first",
    columns: COLUMNS,
    rows: tunnels.map((tunnel) =>
      rowOf(tunnel, { sample: history.of(tunnel).at(-1), now })
    ),
    className: "tunnels",
    rowClassNames: tunnels.map((tunnel) => labelOfState(tunnel).className),
  });
}

function rowOf(
  tunnel: Tunnel,
  { sample, now }: {
    readonly sample: TunnelSample | undefined;
    readonly now: number;
  },
): readonly (string | Markup)[] {
  const isLive = tunnel.status !== "terminated";
  const rate = (sample?.sentRate ?? 0) + (sample?.receivedRate ?? 0);
  return [
    "Sallyport",
    renderState(labelOfState(tunnel)),
    renderName(tunnel),
    tunnel.metadata.hostname || "–",
    tunnel.owner,
    tunnel.shared === "all" ? "Shared" : "Not shared",
    formatDuration((tunnel.shutdownAt ?? now) - tunnel.createdAt),
    healthOf(tunnel),
    formatRoundTrip(isLive ? sample?.roundTripTime : undefined),
    isLive ? String(tunnel.openExchanges) : "–",
    isLive ? formatRate(rate) : "–",
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
