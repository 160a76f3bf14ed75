/** The page of one tunnel: its state, its traffic, how browsers use it. */
import { html } from "hono/html";
import { renderCopyable } from "../../../web/components/copyable.ts";
import {
  type Description,
  renderDescriptionGrid,
  renderDescriptionRows,
} from "../../../web/components/description_list.ts";
import { renderSection } from "../../../web/components/empty_state.ts";
import { renderState } from "../../../web/components/state_label.ts";
import { type Column, renderTable } from "../../../web/components/table.ts";
import {
  formatDuration,
  formatRate,
  formatRoundTrip,
  formatSize,
} from "../../../web/format.ts";
import {
  type Markup,
  renderBreadcrumbs,
  renderLiveNotes,
} from "../../../web/layout.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import type { TunnelSample } from "../../tunnels/tunnel_history.ts";
import { labelOfState } from "./tunnel_state.ts";
import type { ServerView } from "./list_page.ts";
import { renderUsage } from "./tunnel_usage.ts";

/** What is shown of a tunnel. */
export interface TunnelView {
  readonly tunnel: Tunnel;
  readonly samples: readonly TunnelSample[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether jobs, sessions and failures are shown. Only users who may stop the tunnel see them. */
  readonly withDetails: boolean;
}

/** The page around `live`, the part that is kept live. */
export function renderTunnelPage(
  tunnel: Tunnel,
  { live, view, mayStop, mayUse }: {
    readonly live: Markup;
    readonly view: ServerView;
    readonly mayStop: boolean;
    readonly mayUse: boolean;
  },
): Markup {
  return html`
    ${renderBreadcrumbs([["/", "Tunnels"]], tunnel.name)}
    <div class="page-head">
      <h1>${tunnel.name}</h1>
      ${mayStop ? renderStopLink(tunnel) : ""}
    </div>
    <p class="hint">Id ${renderCopyable(tunnel.id, "id of the tunnel")}</p>
    ${renderLiveNotes("server")}
    <div id="live" data-events="/tunnels/${tunnel.id}/events">${live}</div>
    <section aria-labelledby="traffic">
      <h2 id="traffic">Last five minutes</h2>
      <div class="charts" id="charts"></div>
      <noscript><p class="hint">Charts need scripts.</p></noscript>
    </section>
    ${mayUse ? renderUsage(tunnel, view) : NOT_FOR_USE}
  `;
}

const NOT_FOR_USE = html`
  <p class="hint">
    The owner does not share this tunnel. You can stop it, but not use it.
  </p>
`;

function renderStopLink({ id, isStopping }: Tunnel): Markup | "" {
  if (isStopping) return "";
  return html`<a class="button danger" href="/tunnels/${id}/stop">Stop …</a>`;
}

/** The part that is kept live. */
export function renderTunnelLive(view: TunnelView): Markup {
  return html`
    <div data-samples="${JSON.stringify(chartDataOf(view.samples))}"></div>
    ${renderAbout(view)} ${renderRules(view.tunnel)}
    ${view.withDetails ? renderDetails(view) : ""}
  `;
}

/** Shown only to users who may stop the tunnel: it is about the work of others. */
function renderDetails(view: TunnelView): Markup {
  return html`
    ${renderJobs(view.tunnel, view.now)} ${renderSessions(view)}
    ${renderFailures(view.tunnel, view.now)}
  `;
}

/** Columns of the chart library: seconds, then the series. */
function chartDataOf(
  samples: readonly TunnelSample[],
): readonly (readonly (number | null)[])[] {
  return [
    samples.map(({ at }) => at / 1000),
    samples.map(({ sentRate }) => Math.round(sentRate)),
    samples.map(({ receivedRate }) => Math.round(receivedRate)),
    samples.map(({ streams }) => streams),
    samples.map(({ roundTripTime }) => roundTripTime ?? null),
  ];
}

function renderAbout({ tunnel, samples, now }: TunnelView): Markup {
  const { metadata } = tunnel;
  const last = samples.at(-1);
  const items: readonly Description[] = [
    ["State", renderState(labelOfState(tunnel))],
    ["Owner", tunnel.owner],
    ["Sharing", tunnel.shared === "all" ? "Shared" : "Not shared"],
    ["Pool", tunnel.pool ? "Yes" : "No"],
    [
      "Running for",
      formatDuration((tunnel.shutdownAt ?? now) - tunnel.createdAt),
    ],
    ["Jobs running", String(tunnel.jobsRunning)],
    ["Streams", String(tunnel.openExchanges)],
    ...drainTimeOf(tunnel, now),
    ["Round trip", formatRoundTrip(last?.roundTripTime)],
    ["To the client", formatRate(last?.sentRate ?? 0)],
    ["From the client", formatRate(last?.receivedRate ?? 0)],
    ["Client", metadata.hostname ?? "–"],
    ["Client version", metadata.release ?? "–"],
    ["Platform", metadata.platform ?? "–"],
  ];
  const extra = Object.entries(metadata.extra ?? {});
  return html`
    <h2>About</h2>
    ${renderDescriptionGrid(items)} ${extra.length === 0
      ? ""
      : renderMetadata(extra)}
  `;
}

/** What the user has said about the client: a build, a branch. */
function renderMetadata(extra: readonly Description[]): Markup {
  return html`
    <h3>Metadata</h3>
    ${renderDescriptionRows(extra)}
  `;
}

/** How long a stopping tunnel still waits for its jobs. */
function drainTimeOf(
  { drainUntil, status }: Tunnel,
  now: number,
): readonly Description[] {
  if (drainUntil === undefined || status === "terminated") return [];
  return [["Cut off in", formatDuration(drainUntil - now)]];
}

function renderRules({ rules }: Tunnel): Markup {
  const items = Object.entries(rules)
    .filter(([, list]) => Array.isArray(list) && list.length > 0)
    .map(([name, list]) =>
      [
        name.replaceAll("_", " "),
        html`<code>${Array.isArray(list) ? list.join(", ") : ""}</code>`,
      ] as const
    );
  return renderSection("Rules", {
    content: items.length === 0 ? undefined : renderDescriptionRows(items),
    none: "None: every host goes through the tunnel, and TLS is not decrypted.",
  });
}

const SESSION_COLUMNS: readonly Column[] = [
  "Session",
  "Address",
  "Open for",
  ["Round trip", "number"],
  ["Streams", "number"],
  ["Sent", "number"],
  ["Received", "number"],
];

function renderSessions({ tunnel, now }: TunnelView): Markup {
  const { sessions } = tunnel;
  const content = sessions.length === 0 ? undefined : renderTable({
    caption: "Connections of the client, oldest first",
    columns: SESSION_COLUMNS,
    rows: sessions.map((session, at) => [
      String(at + 1),
      session.remote,
      formatDuration(now - session.openedAt),
      formatRoundTrip(session.stats.roundTripTime),
      String(session.openExchanges),
      formatSize(session.stats.bytesSent),
      formatSize(session.stats.bytesReceived),
    ]),
  });
  return renderSection("Sessions", { content, none: "No session is open." });
}

/** Jobs on the page. The REST API lists all. */
const MAX_JOBS = 50;

/** The jobs, oldest first. */
function renderJobs(
  { jobs, otherExchanges }: Tunnel,
  now: number,
): Markup {
  const list = jobs.list();
  const more = list.length - MAX_JOBS;
  const content = list.length === 0 ? undefined : html`
    ${renderTable({
      caption: "Jobs with open requests, oldest first",
      columns: [["Job", "words"], "Running for", ["Requests", "number"]],
      rows: list.slice(0, MAX_JOBS).map(({ id, exchanges, since }) => [
        html`<code>${id}</code>`,
        formatDuration(now - since),
        String(exchanges),
      ]),
    })}
    ${more > 0 ? html`<p class="hint">And ${more} more.</p>` : ""}
    ${otherExchanges > 0
      ? html`<p class="hint">Requests without a job: ${otherExchanges}</p>`
      : ""}
  `;
  const none = "No open request names a job.";
  return renderSection("Jobs", { content, none });
}

/** Requests that failed, newest first. */
function renderFailures({ failures }: Tunnel, now: number): Markup {
  const list = failures.list();
  const content = list.length === 0 ? undefined : renderTable({
    caption: "Requests that failed at the server or the client, newest first",
    columns: ["When", "Method", ["Host", "words"], "Status", "Reason"],
    rows: list.map(({ at, method, host, status, reason }) => [
      `${formatDuration(now - at)} ago`,
      method,
      host,
      String(status),
      html`<code>${reason}</code>`,
    ]),
  });
  return renderSection("Recent errors", { content, none: "None." });
}
