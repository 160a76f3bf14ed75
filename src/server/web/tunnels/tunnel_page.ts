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
import { failuresOf, renderFailureList } from "./failure_list.ts";
import type { ServerView } from "./list_page.ts";
import { renderRequests } from "./request_table.ts";
import { labelOfState } from "./tunnel_state.ts";
import { queryOfTab, renderTabs, type TunnelTab } from "./tunnel_tabs.ts";
import { renderUsage } from "./tunnel_usage.ts";

/** What is shown of a tunnel. */
export interface TunnelView {
  readonly tab: TunnelTab;
  /** The user who looks at it. */
  readonly viewer: string;
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
  { live, tab, view, mayStop, mayUse }: {
    readonly live: Markup;
    readonly tab: TunnelTab;
    readonly view: ServerView;
    readonly mayStop: boolean;
    readonly mayUse: boolean;
  },
): Markup {
  const path = `/tunnels/${tunnel.id}`;
  return html`
    ${renderBreadcrumbs([["/", "Tunnels"]], tunnel.name)}
    <div class="page-head">
      <h1>${tunnel.name}</h1>
      ${mayStop ? renderStopLink(tunnel) : ""}
    </div>
    ${renderTabs(path, tab)} ${renderLiveNotes("server")}
    <div id="live" data-events="${path}/events${queryOfTab(tab)}">${live}</div>
    ${tab === "overview" ? CHARTS : ""}
    ${tab === "settings" ? renderId(tunnel) : ""}
    ${tab !== "overview" && tab !== "settings"
      ? ""
      : mayUse
      ? renderUsage(tunnel, view)
      : NOT_FOR_USE}
  `;
}

const CHARTS = html`
  <section aria-labelledby="traffic">
    <h2 id="traffic">Last five minutes</h2>
    <div class="charts" id="charts"></div>
    <noscript><p class="hint">Charts need scripts.</p></noscript>
  </section>
`;

function renderId({ id }: Tunnel): Markup {
  return html`<p class="hint">Id ${renderCopyable(id, "id of the tunnel")}</p>`;
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
  const { tab, tunnel, now, viewer, withDetails } = view;
  switch (tab) {
    case "overview":
      return renderOverview(view);
    case "requests": {
      const onlyOf = withDetails ? undefined : viewer;
      return renderRequests(tunnel, { now, onlyOf });
    }
    case "errors":
      return withDetails ? renderFailures(view) : NOT_SHOWN;
    case "sessions":
      return withDetails ? renderSessions(view) : NOT_SHOWN;
    case "settings":
      return renderRules(tunnel);
  }
}

const NOT_SHOWN = html`
  <p class="hint">Only the owner and the administrators see these.</p>
`;

/** Failures on the first screen. The tab has all. */
const MAX_FIRST = 3;

/** The first question is why requests fail. Who may not stop the tunnel does not see the work of others. */
function renderOverview(view: TunnelView): Markup {
  const { tunnel, now, withDetails } = view;
  const groups = withDetails ? failuresOf(tunnel, now) : [];
  const more = groups.length - MAX_FIRST;
  return html`
    <div data-samples="${JSON.stringify(chartDataOf(view.samples))}"></div>
    ${groups.length === 0 ? "" : html`
      <h2>Recent errors</h2>
      ${renderFailureList(groups.slice(0, MAX_FIRST), now)} ${more <= 0
        ? ""
        : html`<p><a href="?tab=errors">And ${more} more</a></p>`}
    `} ${renderAbout(view)} ${renderMetadata(tunnel)} ${withDetails
      ? renderJobs(tunnel, now)
      : ""}
  `;
}

/** Why requests fail, the last failure first. */
function renderFailures({ tunnel, now }: TunnelView): Markup {
  const groups = failuresOf(tunnel, now);
  return renderSection("Recent errors", {
    content: groups.length === 0 ? undefined : renderFailureList(groups, now),
    none: "None.",
  });
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
    ["Sessions", String(tunnel.sessions.length)],
    ["Round trip", formatRoundTrip(last?.roundTripTime)],
    ["To the client", formatRate(last?.sentRate ?? 0)],
    ["From the client", formatRate(last?.receivedRate ?? 0)],
    ["Client", metadata.hostname ?? "–"],
    ["Client version", metadata.release ?? "–"],
    ["Platform", metadata.platform ?? "–"],
  ];
  return html`
    <h2>About</h2>
    ${renderDescriptionGrid(items)}
  `;
}

/** What the user has said about the client: a build, a branch. */
function renderMetadata({ metadata }: Tunnel): Markup | "" {
  const extra = Object.entries(metadata.extra ?? {});
  if (extra.length === 0) return "";
  return html`
    <h2>Metadata</h2>
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
