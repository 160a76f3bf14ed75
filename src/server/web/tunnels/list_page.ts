/** The list of tunnels, its filter, and how to start a tunnel. */
import { html } from "hono/html";
import { renderDescriptionGrid } from "../../../web/components/description_list.ts";
import { renderOptions } from "../../../web/components/form.ts";
import { describeProxy } from "../../../web/components/proxy_settings.ts";
import {
  powerShellQuoted,
  renderShellCommand,
  type ShellCommand,
} from "../../../web/components/shell_command.ts";
import { type Markup, renderLiveNotes } from "../../../web/layout.ts";
import { BROWSER_CA_URL } from "../../rest/public.ts";
import { FILTER_STATES, type TunnelFilter } from "./tunnel_filter.ts";

/** The server and its proxy, as one user reaches them. */
export interface ServerView {
  /** The user who is signed in. */
  readonly user: string;
  /** URL of the REST API, for clients. */
  readonly serverUrl: string;
  /** Name or address of the server, IPv6 without brackets. */
  readonly host: string;
  /** The proxy for browsers: `http://host:port` or `https://host:port`. */
  readonly proxyUrl: string;
  /** Path on the server of the CA that clients must trust, if there is one. */
  readonly caFile?: string | undefined;
}

/** The page around the list. */
export function renderListPage(
  view: ServerView,
  { filter, list }: {
    readonly filter: TunnelFilter;
    readonly list: Markup;
  },
): Markup {
  return html`
    <div class="page-head">
      <h1>Tunnels</h1>
      <a class="button" href="/stop-my-tunnels">Stop my tunnels …</a>
    </div>
    ${renderLiveNotes("server")}
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
          ${renderOptions(FILTER_STATES.map((each) => [each, each]), state)}
        </select>
      </p>
      <button>Show</button>
    </form>
  `;
}

/** Stays below the list: a second tunnel is started like the first one. */
function renderGuide(view: ServerView): Markup {
  return html`<section aria-labelledby="start">
      <h2 id="start">Start a tunnel</h2>
      ${view.caFile === undefined ? "" : renderTrust(view.caFile)}
      <p>On a machine that reaches your site, set your access key and run:</p>
      ${renderShellCommand(commandOf(view))}
      <p>
        When it says <q>you may start your tests</q>, browsers reach your site
        through this proxy:
      </p>
      ${
    renderDescriptionGrid(
      describeProxy({
        url: view.proxyUrl,
        user: `${view.user}+my-tunnel`,
      }),
    )
  }
      <p>
        With <code>--tls-resign-domains</code> the server decrypts the TLS of the
        hosts you name. Test browsers must then trust
        <a href="${BROWSER_CA_URL}" download>its CA</a>.
      </p>
    </section>`;
}

function renderTrust(caFile: string): Markup {
  return html`<p>
      This server made its own CA. Copy its certificate,
      <code>${caFile}</code> on the server, to the client's machine. The client
      verifies the server with it.
    </p>`;
}

/** The key comes from the environment: other users of a machine can read its command lines. */
function commandOf({ user, serverUrl, caFile }: ServerView): ShellCommand {
  const run = (name: string, continued: string) =>
    [
      "sallyport run",
      `  --server ${serverUrl}`,
      ...caFile === undefined ? [] : ["  --cacert-file ca.pem"],
      `  --username ${name}`,
      "  --tunnel-name my-tunnel",
    ].join(` ${continued}\n`);
  return {
    sh: `export SALLYPORT_ACCESS_KEY=…\n${run(user, "\\")}`,
    powershell: `$env:SALLYPORT_ACCESS_KEY = "…"\n${
      run(powerShellQuoted(user), "`")
    }`,
  };
}
