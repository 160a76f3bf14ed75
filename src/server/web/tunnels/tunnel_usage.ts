/** How browsers use a tunnel: settings and commands to copy. */
import { html } from "hono/html";
import { renderCommand } from "../../../web/components/copyable.ts";
import { renderDescriptionGrid } from "../../../web/components/description_list.ts";
import type { Markup } from "../../../web/layout.ts";
import { renderShellCommand } from "../../../web/components/shell_command.ts";
import {
  curlCommand,
  describeProxy,
} from "../../../web/components/proxy_settings.ts";
import { formatAddress } from "../../../net/address/address.ts";
import { PAC_PATH } from "../../proxy/pac_response.ts";
import type { ServerView } from "./list_page.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";

/** Proxy settings for `user`, as they are and for common tools. */
export function renderUsage(
  { name, owner, port }: Tunnel,
  { user: viewer, proxyUrl: url, host, caFile }: ServerView,
): Markup {
  const user = owner === viewer
    ? `${viewer}+${name}`
    : `${viewer}+${owner}+${name}`;
  const hasOwnCa = caFile !== undefined;
  return html`<section aria-labelledby="use">
      <h2 id="use">Use it</h2>
      ${renderDescriptionGrid(describeProxy({ url, user }))}
      <h3>curl</h3>
      ${
    renderShellCommand(curlCommand({ url, user, hasOwnCa }), "curl command")
  }
      <h3>Playwright</h3>
      ${renderCommand(playwrightOf(url, user), "Playwright settings")}
      ${
    port === undefined
      ? ""
      : renderAnonymousPort(formatAddress({ hostname: host, port }))
  }
    </section>`;
}

/** The port where browsers need no credentials. */
function renderAnonymousPort(address: string): Markup {
  return html`<h3>Without credentials</h3>
    <p>
      Browsers at addresses that the server's administrator allows can use
      <code>${address}</code> as HTTP or SOCKS proxy, or this PAC URL:
    </p>
    ${renderCommand(`http://${address}${PAC_PATH}`, "PAC URL")}
    <h3>WebDriver capabilities</h3>
    ${renderCommand(webDriverOf(address), "WebDriver capabilities")}`;
}

function webDriverOf(address: string): string {
  const proxy = { proxyType: "manual", httpProxy: address, sslProxy: address };
  return JSON.stringify({ proxy }, undefined, 2);
}

function playwrightOf(proxyUrl: string, proxyUser: string): string {
  return [
    "const browser = await chromium.launch({",
    "  proxy: {",
    `    server: "${proxyUrl}",`,
    `    username: ${JSON.stringify(proxyUser)},`,
    "    password: process.env.SALLYPORT_ACCESS_KEY,",
    "  },",
    "});",
  ].join("\n");
}
