/**
 * How browsers use a tunnel: settings and commands, ready to copy.
 *
 * @module
 */
import { html } from "hono/html";
import { renderCommand } from "../../../web/command.ts";
import { renderFacts } from "../../../web/description_list.ts";
import type { Markup } from "../../../web/shell.ts";
import { curlThrough, proxyFacts } from "../../../web/proxy_commands.ts";
import { PAC_PATH } from "../../proxy/pac_response.ts";
import type { Tunnel } from "../../tunnels/tunnel.ts";

/** Proxy settings for `user`, and the same for the tools of the trade. */
export function renderUse(
  { name, owner, port }: Tunnel,
  { user: asking, proxyAddress: address }: {
    readonly user: string;
    readonly proxyAddress: string;
  },
): Markup {
  const user = owner === asking
    ? `${asking}+${name}`
    : `${asking}+${owner}+${name}`;
  return html`<section aria-labelledby="use">
      <h2 id="use">Use it</h2>
      ${renderFacts(proxyFacts({ address, user }))}
      <h3>curl</h3>
      ${renderCommand(curlThrough({ address, user }), "curl command")}
      <h3>Playwright</h3>
      ${renderCommand(playwrightOf(address, user), "Playwright settings")}
      ${port === undefined ? "" : renderOpenPort(withPort(address, port))}
    </section>`;
}

/** Where browsers need no credentials. */
function renderOpenPort(address: string): Markup {
  return html`<h3>Without credentials</h3>
    <p>
      Browsers at the addresses that the server's administrator has allowed use
      <code>${address}</code> as HTTP or SOCKS proxy, or have their settings
      from this PAC URL:
    </p>
    ${renderCommand(`http://${address}${PAC_PATH}`, "PAC URL")}
    <h3>WebDriver capabilities</h3>
    ${renderCommand(webDriverOf(address), "WebDriver capabilities")}`;
}

/** The same host with another port. */
function withPort(address: string, port: number): string {
  return `${address.replace(/:\d+$/, "")}:${port}`;
}

function webDriverOf(address: string): string {
  const proxy = { proxyType: "manual", httpProxy: address, sslProxy: address };
  return JSON.stringify({ proxy }, undefined, 2);
}

function playwrightOf(proxyAddress: string, proxyUser: string): string {
  return [
    "const browser = await chromium.launch({",
    "  proxy: {",
    `    server: "http://${proxyAddress}",`,
    `    username: ${JSON.stringify(proxyUser)},`,
    "    password: process.env.SALLYPORT_ACCESS_KEY,",
    "  },",
    "});",
  ].join("\n");
}
