/**
 * The Tunnels page: the list, how to narrow it, and what a newcomer is told.
 *
 * @module
 */
import { html } from "hono/html";
import { renderCommand } from "../../../web/command.ts";
import { renderFacts } from "../../../web/description_list.ts";
import { liveNotes, type Markup } from "../../../web/shell.ts";
import { proxyFacts } from "../../../web/proxy_commands.ts";
import { BROWSER_CA_URL } from "../../rest/public.ts";
import { renderChoices } from "../../../web/choices.ts";
import { FILTER_STATES, type TunnelFilter } from "./tunnel_filter.ts";

/** What the page shows besides the list. */
export interface PageView {
  /** Who is signed in. */
  readonly user: string;
  /** Where the client finds the REST API. */
  readonly serverUrl: string;
  /** `host:port` of the proxy that browsers use. */
  readonly proxyAddress: string;
  /** The CA that the client must be told to trust, as a path on the server, when there is one. */
  readonly caFile?: string | undefined;
}

/** The page around the list of tunnels, as it is now. */
export function renderPage(
  view: PageView,
  { filter, list }: {
    readonly filter: TunnelFilter;
    readonly list: Markup;
  },
): Markup {
  return html`
    <div class="top">
      <h1>Tunnels</h1>
      <a class="button" href="/stop-my-tunnels">Stop my tunnels …</a>
    </div>
    ${liveNotes("server")}
    ${renderFilter(filter)}
    <div id="live" data-events="/events?${queryOf(filter)}">${list}</div>
    ${renderGuide(view)}
  `;
}

function queryOf({ search, state }: TunnelFilter): string {
  return String(new URLSearchParams({ q: search, state }));
}

function renderFilter({ search, state }: TunnelFilter): Markup {
  return html`
    <form method="get" action="/" role="search" class="filter">
      <p class="wide">
        <label for="q">Find</label>
        <input id="q" name="q" type="search" value="${search}"
          placeholder="name, host, build=42 …">
      </p>
      <p>
        <label for="state">State</label>
        <select id="state" name="state">
          ${renderChoices(FILTER_STATES.map((each) => [each, each]), state)}
        </select>
      </p>
      <button>Show</button>
    </form>
  `;
}

/** Stays below the list: the second tunnel is started like the first one. */
function renderGuide(view: PageView): Markup {
  return html`<section aria-labelledby="start">
      <h2 id="start">Start a tunnel</h2>
      ${view.caFile === undefined ? "" : renderTrust(view.caFile)}
      <p>On a machine that reaches your site, give your access key and run</p>
      ${renderCommand(commandOf(view))}
      <p>
        As soon as it says <q>you may start your tests</q>, browsers reach your
        site through this proxy:
      </p>
      ${
    renderFacts(
      proxyFacts({
        address: view.proxyAddress,
        user: `${view.user}+my-tunnel`,
      }),
    )
  }
      <p>
        With <code>--tls-resign-domains</code> the server opens the TLS of the
        hosts you name; test browsers must then trust
        <a href="${BROWSER_CA_URL}" download>its CA</a>.
      </p>
    </section>`;
}

function renderTrust(caFile: string): Markup {
  return html`<p>
      This server made its own CA. Copy its certificate,
      <code>${caFile}</code> on the server, to where the client runs, so that
      the client can tell this server from others.
    </p>`;
}

/** The key comes by the environment: what stands in the command line, others on the machine can read. */
function commandOf({ user, serverUrl, caFile }: PageView): string {
  return [
    "export SALLYPORT_ACCESS_KEY=…",
    [
      "sallyport run",
      `  --server ${serverUrl}`,
      ...caFile === undefined ? [] : ["  --cacert-file ca.pem"],
      `  --username ${user}`,
      "  --tunnel-name my-tunnel",
    ].join(" \\\n"),
  ].join("\n");
}
