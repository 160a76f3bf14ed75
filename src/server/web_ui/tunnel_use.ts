/**
 * How browsers use a tunnel: settings and commands, ready to copy.
 *
 * @module
 */
import { html } from "hono/html";
import { PAC_PATH } from "../proxy_pac.ts";
import type { Tunnel } from "../tunnel.ts";
import type { Markup } from "../../web/shell.ts";

/** Proxy settings for `user`, and the same for the tools of the trade. */
export function renderUse(
  { name, owner, port }: Tunnel,
  { user, proxyAddress }: {
    readonly user: string;
    readonly proxyAddress: string;
  },
): Markup {
  const proxyUser = owner === user
    ? `${user}+${name}`
    : `${user}+${owner}+${name}`;
  return html`<section aria-labelledby="use">
      <h2 id="use">Use it</h2>
      <dl>
        <dt>Proxy</dt>
        <dd><code>${proxyAddress}</code></dd>
        <dt>User name</dt>
        <dd><code>${proxyUser}</code></dd>
        <dt>Password</dt>
        <dd>your access key</dd>
      </dl>
      <h3>curl</h3>
      ${renderCommand(curlOf(proxyAddress, proxyUser))}
      <h3>Playwright</h3>
      ${renderCommand(playwrightOf(proxyAddress, proxyUser))}
      ${port === undefined ? "" : renderOpenPort(withPort(proxyAddress, port))}
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
    ${renderCommand(`http://${address}${PAC_PATH}`)}
    <h3>WebDriver capabilities</h3>
    ${renderCommand(webDriverOf(address))}`;
}

/** The same host with another port. */
function withPort(address: string, port: number): string {
  return `${address.replace(/:\d+$/, "")}:${port}`;
}

/** Text to copy. */
export function renderCommand(text: string): Markup {
  return html`
    <div class="command">
      <pre tabindex="0"><code>${text}</code></pre>
      <button type="button" data-copy hidden>Copy</button>
    </div>
  `;
}

function curlOf(proxyAddress: string, proxyUser: string): string {
  return `curl -x http://${proxyAddress} \\\n  -U '${proxyUser}:'"$SALLYPORT_ACCESS_KEY" http://intranet/`;
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
