/**
 * The list of tunnels as a table; the part of the page that is kept live.
 *
 * @module
 */
import { html } from "hono/html";
import type { Tunnel } from "../tunnel.ts";
import { durationText } from "./duration_text.ts";

/** Rows of one page; more would not be read. */
const MAX_ROWS = 200;
/** Ended tunnels that are shown below the live ones. */
const MAX_ENDED_ROWS = 20;

const COLUMNS: readonly string[] = [
  "Type",
  "State",
  "Tunnel name",
  "Client hostname",
  "Owner",
  "Sharing",
  "Duration",
];

/** Text that is safe to put into a page as it stands. */
export type Markup = ReturnType<typeof html>;

/** Looks of a state; each has a mark of its own, because not everybody sees colours. */
type StateClass = "good" | "waiting" | "ending" | "ended";

interface State {
  readonly look: StateClass;
  readonly text: string;
}

/**
 * The list, live tunnels first.
 *
 * @param tunnels Newest first.
 * @param now Milliseconds since 1970.
 */
export function renderTunnels(
  tunnels: readonly Tunnel[],
  now: number,
): Markup {
  const live = tunnels.filter((tunnel) => tunnel.status !== "terminated");
  const ended = tunnels.filter((tunnel) => tunnel.status === "terminated");
  const shown = [...live, ...ended.slice(0, MAX_ENDED_ROWS)].slice(0, MAX_ROWS);
  return html`<p class="summary">${summaryOf(live)}</p>
    ${shown.length > 0 ? renderTable(shown, now) : renderEmpty()}`;
}

function summaryOf(live: readonly Tunnel[]): string {
  const ready = live.filter((tunnel) => tunnel.isReady).length;
  if (live.length === 0) return "No active tunnels";
  const noun = live.length === 1 ? "tunnel" : "tunnels";
  return `${live.length} active ${noun}, ${ready} ready for tests`;
}

function renderEmpty(): Markup {
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
function renderTable(tunnels: readonly Tunnel[], now: number): Markup {
  return html`
    <table role="table">
      <caption>Your tunnels, newest first</caption>
      <thead role="rowgroup">
        <tr role="row">
              ${COLUMNS.map((name) =>
                html`<th role="columnheader" scope="col">${name}</th>`
              )}
            </tr>
      </thead>
      <tbody role="rowgroup">
            ${tunnels.map((tunnel) => renderRow(tunnel, now))}
          </tbody>
    </table>
  `;
}

function renderRow(tunnel: Tunnel, now: number): Markup {
  const state = stateOf(tunnel);
  const cells: readonly (string | Markup)[] = [
    "Sallyport",
    html`<span class="state ${state.look}">${state.text}</span>`,
    renderName(tunnel),
    tunnel.metadata.hostname || "–",
    tunnel.owner,
    tunnel.shared === "all" ? "All users" : "Not shared",
    durationText((tunnel.shutdownAt ?? now) - tunnel.createdAt),
  ];
  return html`<tr role="row" class="${state.look}">
      ${
    cells.map((cell, at) =>
      html`<td role="cell" data-label="${COLUMNS[at]}">${cell}</td>`
    )
  }
    </tr>`;
}

function renderName({ name, pool, id }: Tunnel): Markup {
  const badge = pool
    ? html`
      <span class="badge">pool</span>
    `
    : "";
  return html`<span title="Id ${id}"><b>${name}</b>${badge}</span>`;
}

function stateOf(tunnel: Tunnel): State {
  const reason = tunnel.stopCause?.reason ?? "";
  if (tunnel.status === "terminated") {
    return { look: "ended", text: `Stopped (${reason})` };
  }
  if (tunnel.isStopping) {
    const jobs = tunnel.jobsRunning;
    return {
      look: "ending",
      text: `Stopping (${reason}), ${jobs} ${jobs === 1 ? "job" : "jobs"} left`,
    };
  }
  if (tunnel.isReady) return { look: "good", text: "Running" };
  return {
    look: "waiting",
    text: tunnel.status === "new" ? "Waiting for client" : "Client is away",
  };
}
