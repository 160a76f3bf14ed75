/**
 * The frame of the Tunnels page: everything around the list, and what a
 * newcomer is told.
 *
 * @module
 */
import { html } from "hono/html";
import { BROWSER_CA_URL } from "../browser_ca.ts";
import type { Markup } from "./tunnel_table.ts";

/** What the frame shows. */
export interface PageView {
  /** Who is logged in. */
  readonly user: string;
  /** The server's version. */
  readonly version: string;
  /** Where the client finds the REST API. */
  readonly serverUrl: string;
  /** `host:port` of the proxy that browsers use. */
  readonly proxyAddress: string;
  /** The CA that the client must be told to trust, as a path on the server, when there is one. */
  readonly caFile?: string | undefined;
}

/** The whole page around the list of tunnels, as it is now. */
export function renderPage(view: PageView, tunnels: Markup): Markup {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Tunnels · Sallyport</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="page.css">
        <script src="page.js" type="module"></script>
      </head>
      <body>
        <header>
          <img src="icon.svg" alt="" width="28" height="28">
          <p class="brand">Sallyport</p>
          <p class="user">Logged in as <b>${view.user}</b></p>
        </header>
        <main>
              <h1>Tunnels</h1>
              <p id="lost" role="status" hidden>
                The connection to the server is lost, trying again …
              </p>
              <p id="news" role="status" class="unseen"></p>
          <div id="live">${tunnels}</div>
              ${renderGuide(view)}
            </main>
        <footer>
          <p>Sallyport ${view.version}</p>
        </footer>
      </body>
    </html>
  `;
}

/** Stays below the list: the second tunnel is started like the first one. */
function renderGuide(view: PageView): Markup {
  return html`<section aria-labelledby="start">
      <h2 id="start">Start a tunnel</h2>
      ${view.caFile === undefined ? "" : renderTrust(view.caFile)}
      <p>On a machine that reaches your site, give your access key and run</p>
      <div class="command">
        <pre tabindex="0"><code>${commandOf(view)}</code></pre>
        <button type="button" data-copy hidden>Copy</button>
      </div>
      <p>
        As soon as it says <q>you may start your tests</q>, browsers reach your
        site through this proxy:
      </p>
      <dl>
        <dt>Proxy</dt>
        <dd><code>${view.proxyAddress}</code></dd>
        <dt>User name</dt>
        <dd><code>${view.user}+my-tunnel</code></dd>
        <dt>Password</dt>
        <dd>your access key</dd>
      </dl>
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
