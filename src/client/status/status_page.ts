/** The first page of the status API: the state of the client, and the endpoints. */
import { html } from "hono/html";
import { STATUS_LINK, TRAFFIC_LINK } from "../../inspector/pages/layout.ts";
import {
  type Description,
  renderDescriptionGrid,
} from "../../web/components/description_list.ts";
import { formatRoundTrip, formatSize } from "../../web/format.ts";
import {
  type Markup,
  renderLayout,
  renderLiveNotes,
} from "../../web/layout.ts";
import { renderEmptyState } from "../../web/components/empty_state.ts";
import { type Column, renderTable } from "../../web/components/table.ts";
import {
  renderState,
  type StateLabel,
} from "../../web/components/state_label.ts";
import type { ClientInfo, ConnectionInfo, FailingPluginInfo } from "./info.ts";
import type { ClientState } from "../state.ts";
import { statusDocument } from "./status_document.ts";

/** Path prefix of the page's files and events. */
export const STATUS_FILES = "/page";

/** What the page shows. */
export interface StatusPageView {
  readonly info: ClientInfo;
  readonly version: string;
  /** Paths of the endpoints. */
  readonly paths: readonly string[];
}

/** The page. */
export function renderStatusPage(
  { info, version, paths }: StatusPageView,
): Markup {
  return renderLayout({
    title: "Status",
    main: renderStatus(info, { version, paths }),
    path: "/",
    links: paths.includes(TRAFFIC_LINK.path)
      ? [STATUS_LINK, TRAFFIC_LINK]
      : [STATUS_LINK],
    version,
    base: STATUS_FILES,
  });
}

function renderStatus(
  info: ClientInfo,
  { version, paths }: Pick<StatusPageView, "version" | "paths">,
): Markup {
  const { paths: documented } = statusDocument(version);
  return html`
    ${renderLiveNotes("client")}
    <div id="live" data-events="${STATUS_FILES}/events">
      ${renderStatusLive(info)}
    </div>
    <h2>Endpoints</h2>
    <ul class="contents">
      ${paths.map((path) =>
        html`
          <li>
            <a href="${path}">${path}</a>
            <span>${documented[path]?.get?.summary ?? ""}</span>
          </li>
        `
      )}
    </ul>
  `;
}

/** The part that is kept live. */
export function renderStatusLive(info: ClientInfo): Markup {
  const { last_error: lastError, heartbeats } = info;
  return html`
    <h1>${info.tunnel_name || "Client"}</h1>
    <p class="summary">${SUMMARIES[info.state]}</p>
    ${info.failing_plugins.map(renderFailingPlugin)} ${lastError === null
      ? ""
      : html`<p class="note">Last error: ${lastError}</p>`}
    ${heartbeats.failing_since === null ? "" : html`<p class="note">
          The server's REST API takes no heartbeats since
          ${formatTimestamp(heartbeats.failing_since)}: ${heartbeats.error}
        </p>`}
    ${renderDescriptionGrid(summaryOf(info))}
    <h2>Sessions</h2>
    ${renderSessions(info.connections)}
  `;
}

/** A plugin that fails: tests that pass meanwhile may prove nothing. */
function renderFailingPlugin(
  { plugin, error, failing_since: since, failures, on_failure: policy }:
    FailingPluginInfo,
): Markup {
  const effect = policy === "skip"
    ? "Its requests pass without it."
    : "Its requests fail.";
  return html`
    <p class="note">
      Plugin <strong>${plugin}</strong> fails. ${effect} ${error}. ${String(
        failures,
      )} ${failures === 1 ? "call has" : "calls have"} failed since
      ${formatTimestamp(since)}.
    </p>
  `;
}

const SUMMARIES: Readonly<Record<ClientState, string>> = {
  starting: "The client is starting. Wait before you start tests.",
  ready: "The tunnel is ready. You may start your tests.",
  reconnecting:
    "The connection to the server is lost. The client reconnects; tests must wait.",
  stopping: "The client is stopping, and waits for open requests.",
  stopped: "The client has stopped.",
};

const CLASS_NAMES: Readonly<Record<ClientState, StateLabel["className"]>> = {
  starting: "waiting",
  ready: "good",
  reconnecting: "waiting",
  stopping: "ending",
  stopped: "ended",
};

function summaryOf(info: ClientInfo): readonly Description[] {
  const { state, plugins } = info;
  return [
    ["State", renderState({ className: CLASS_NAMES[state], text: state })],
    ["Since", formatTimestamp(info.state_since)],
    ["Started", formatTimestamp(info.started)],
    ["Reconnects", String(info.reconnects)],
    ["Server", info.tunnel_server || "–"],
    ["Proxy for browsers", info.proxy || "–"],
    ["Plugins", plugins.join(", ") || "none"],
  ];
}

/** `2026-11-28 15:04:05 UTC` */
function formatTimestamp(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}

const COLUMNS: readonly Column[] = [
  "Session",
  ["Server", "words"],
  "Since",
  ["Round trip", "number"],
  ["Streams", "number"],
  ["Sent", "number"],
  ["Received", "number"],
];

function renderSessions(sessions: readonly ConnectionInfo[]): Markup {
  if (sessions.length === 0) {
    return renderEmptyState(
      "No session is open.",
      html`
        <p>
          The client's log shows what it waits for. <code>/readyz</code> responds
          with 200 as soon as tests may start.
        </p>
      `,
    );
  }
  return renderTable({
    caption: "Connections to the server",
    columns: COLUMNS,
    rows: sessions.map((session) => [
      String(session.connection),
      session.remote,
      formatTimestamp(session.since),
      formatRoundTrip(session.round_trip_time ?? undefined),
      String(session.streams),
      formatSize(session.bytes_sent),
      formatSize(session.bytes_received),
    ]),
  });
}
