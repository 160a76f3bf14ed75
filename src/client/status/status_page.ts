/**
 * The first page of the status API: how the client is, and what else can be
 * asked.
 *
 * @module
 */
import { html } from "hono/html";
import { type Fact, renderFacts } from "../../web/description_list.ts";
import { roundTripText, sizeText } from "../../web/number_text.ts";
import { liveNotes, type Markup, renderShell } from "../../web/shell.ts";
import { type Column, renderTable } from "../../web/table.ts";
import { renderState } from "../../web/state_mark.ts";
import type { ClientInfo, ConnectionInfo } from "./info.ts";
import type { ClientState } from "../state.ts";
import { statusDocument } from "./status_document.ts";

/** Path that the page's files and its events are under. */
export const STATUS_FILES = "/page";

/** What the page is made of. */
export interface StatusPageView {
  readonly info: ClientInfo;
  readonly version: string;
  /** What can be asked, as paths. */
  readonly paths: readonly string[];
}

/** The page, as it is now. */
export function renderStatusPage(
  { info, version, paths }: StatusPageView,
): Markup {
  const links = [
    { path: "/", name: "Status", current: "page" as const },
    ...paths.includes("/inspector")
      ? [{ path: "/inspector", name: "Traffic", current: undefined }]
      : [],
  ];
  return renderShell({
    title: "Status",
    main: renderStatus(info, { version, paths }),
    home: "/",
    pages: links,
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
    ${liveNotes("client")}
    <div id="live" data-events="${STATUS_FILES}/events">
      ${renderStatusLive(info)}
    </div>
    <h2>What else can be asked</h2>
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
  const { last_error: lastError } = info;
  return html`
    <h1>${info.tunnel_name || "Client"}</h1>
    <p class="summary">${WORDS[info.state]}</p>
    ${lastError === null
      ? ""
      : html`<p class="note">The last error: ${lastError}</p>`}
    ${renderFacts(factsOf(info))}
    <h2>Sessions</h2>
    ${renderSessions(info.connections)}
  `;
}

const WORDS: Readonly<Record<ClientState, string>> = {
  starting: "It is starting: tests must wait.",
  ready: "Requests pass through the tunnel: tests may start.",
  reconnecting: "It has lost the server and dials again: tests must wait.",
  stopping: "It is stopping, and waits for what is under way.",
  stopped: "It has stopped.",
};

const LOOKS: Readonly<Record<ClientState, string>> = {
  starting: "waiting",
  ready: "good",
  reconnecting: "waiting",
  stopping: "ending",
  stopped: "ended",
};

function factsOf(info: ClientInfo): readonly Fact[] {
  const { state, plugins } = info;
  return [
    ["State", renderState(LOOKS[state], state)],
    ["Since", momentText(info.state_since)],
    ["Started", momentText(info.started)],
    ["Reconnects", String(info.reconnects)],
    ["Server", info.tunnel_server || "–"],
    ["Proxy for browsers", info.proxy || "–"],
    ["Plugins", plugins.join(", ") || "none"],
  ];
}

/** `2026-11-28 15:04:05 UTC` */
function momentText(moment: string): string {
  return `${moment.slice(0, 19).replace("T", " ")} UTC`;
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
    return html`
      <div class="panel empty">
        <p>No session is open.</p>
        <p>
          The client's log says what it waits for; <code>/readyz</code> answers
          200 as soon as tests may start.
        </p>
      </div>
    `;
  }
  return renderTable({
    caption: "Connections to the server",
    columns: COLUMNS,
    rows: sessions.map((session) => [
      String(session.connection),
      session.remote,
      momentText(session.since),
      roundTripText(session.round_trip_time ?? undefined),
      String(session.streams),
      sizeText(session.bytes_sent),
      sizeText(session.bytes_received),
    ]),
  });
}
