/**
 * One tunnel: what it is, how it does, how browsers use it, how to stop it.
 *
 * @module
 */
import { html } from "hono/html";
import { renderCopyable } from "../../../web/command.ts";
import {
  type Fact,
  renderFacts,
  renderFields,
} from "../../../web/description_list.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";
import type { TunnelSample } from "../../tunnels/tunnel_history.ts";
import { durationText } from "./duration_text.ts";
import { liveNotes, type Markup } from "../../../web/shell.ts";
import { rateText, roundTripText, sizeText } from "../../../web/number_text.ts";
import { renderSection } from "../../../web/section.ts";
import { renderState } from "../../../web/state_mark.ts";
import { type Column, renderTable } from "../../../web/table.ts";
import { renderTrail } from "../../../web/breadcrumbs.ts";
import { renderFailures } from "./tunnel_failures.ts";
import { renderJobs } from "./tunnel_jobs.ts";
import { stateOf } from "./tunnel_state_text.ts";
import { renderUse } from "./tunnel_use.ts";

/** What is shown of a tunnel. */
export interface TunnelView {
  readonly tunnel: Tunnel;
  readonly samples: readonly TunnelSample[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether jobs and sessions are shown: to who may stop it, not to who may use it. */
  readonly isAll: boolean;
}

/** The page of a tunnel; `live` is kept live. */
export function renderTunnelPage(
  tunnel: Tunnel,
  { live, user, proxyAddress, mayStop, mayUse }: {
    readonly live: Markup;
    readonly user: string;
    readonly proxyAddress: string;
    readonly mayStop: boolean;
    readonly mayUse: boolean;
  },
): Markup {
  return html`
    ${renderTrail([["/", "Tunnels"]], tunnel.name)}
    <div class="top">
      <h1>${tunnel.name}</h1>
      ${mayStop ? renderStopLink(tunnel) : ""}
    </div>
    <p class="hint">Id ${renderCopyable(tunnel.id, "id of the tunnel")}</p>
    ${liveNotes("server")}
    <div id="live" data-events="/tunnels/${tunnel.id}/events">${live}</div>
    <section aria-labelledby="traffic">
      <h2 id="traffic">Last five minutes</h2>
      <div class="charts" id="charts"></div>
      <noscript><p class="hint">Charts need scripts.</p></noscript>
    </section>
    ${mayUse ? renderUse(tunnel, { user, proxyAddress }) : NOT_FOR_USE}
  `;
}

const NOT_FOR_USE = html`
  <p class="hint">
    Its owner does not share it: an admin can stop it, and nobody else use it.
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
    ${view.isAll ? renderDetails(view) : ""}
  `;
}

/** What is for those who may stop the tunnel: it tells of other people's work. */
function renderDetails(view: TunnelView): Markup {
  return html`
    ${renderJobs(view.tunnel, view.now)} ${renderSessions(view)}
    ${renderFailures(view.tunnel, view.now)}
  `;
}

/** Columns as the chart takes them: seconds, then series. */
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
  const state = stateOf(tunnel);
  const last = samples.at(-1);
  const facts: readonly Fact[] = [
    ["State", renderState(state.look, state.text)],
    ["Owner", tunnel.owner],
    ["Sharing", tunnel.shared === "all" ? "Shared" : "Not shared"],
    ["Pool", tunnel.pool ? "Yes" : "No"],
    [
      "Running for",
      durationText((tunnel.shutdownAt ?? now) - tunnel.createdAt),
    ],
    ["Jobs running", String(tunnel.jobsRunning)],
    ["Streams", String(tunnel.openExchanges)],
    ...limitOf(tunnel, now),
    ["Round trip", roundTripText(last?.roundTripTime)],
    ["To the client", rateText(last?.sentRate ?? 0)],
    ["From the client", rateText(last?.receivedRate ?? 0)],
    ["Client", metadata.hostname ?? "–"],
    ["Client version", metadata.release ?? "–"],
    ["Platform", metadata.platform ?? "–"],
  ];
  const extra = Object.entries(metadata.extra ?? {});
  return html`
    <h2>About</h2>
    ${renderFacts(facts)} ${extra.length === 0 ? "" : renderMetadata(extra)}
  `;
}

/** What the client was told about itself: a build, a branch. */
function renderMetadata(extra: readonly Fact[]): Markup {
  return html`
    <h3>Metadata</h3>
    ${renderFields(extra)}
  `;
}

/** How long a tunnel that is stopping waits for its jobs. */
function limitOf(
  { drainUntil, status }: Tunnel,
  now: number,
): readonly Fact[] {
  if (drainUntil === undefined || status === "terminated") return [];
  return [["Cut off in", durationText(drainUntil - now)]];
}

function renderRules({ rules }: Tunnel): Markup {
  const facts = Object.entries(rules)
    .filter(([, list]) => Array.isArray(list) && list.length > 0)
    .map(([name, list]) =>
      [
        name.replaceAll("_", " "),
        html`<code>${Array.isArray(list) ? list.join(", ") : ""}</code>`,
      ] as const
    );
  return renderSection("Rules", {
    content: facts.length === 0 ? undefined : renderFields(facts),
    none: "None: every host goes through the tunnel, and TLS passes unopened.",
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
      durationText(now - session.openedAt),
      roundTripText(session.stats.roundTripTime),
      String(session.openExchanges),
      sizeText(session.stats.bytesSent),
      sizeText(session.stats.bytesReceived),
    ]),
  });
  return renderSection("Sessions", { content, none: "No session is open." });
}
