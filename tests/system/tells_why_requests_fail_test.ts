/**
 * Promise: for twelve failures, the sentence that explains it is on the first
 * screen of the tunnel's page, with the party at fault, and in the row of the
 * inspector, if the request has come to the client.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { parseUpstreamProxy } from "../../src/net/address/upstream_proxy.ts";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { BrowserConnection, get, open } from "../testing/browser.ts";
import { startChromium } from "../testing/chromium.ts";
import { freePort } from "../testing/free_port.ts";
import { openHttp1Browser } from "../testing/intercepted.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { openPage, signIn, takePicture } from "../testing/pages.ts";
import {
  type RunningSystem,
  runningSystem,
  type SystemOptions,
} from "../testing/running_system.ts";
import { CREDENTIALS, credentialsFor, TUNNEL } from "../testing/user.ts";
import { callRest } from "./rest_calls.ts";

const BAD_PLUGIN = `export default {
  name: "bad",
  request({ url }) {
    if (url.hostname === "bad.test") throw new Error("out of luck");
  },
};`;

/** Lower ends of the first screen of a laptop. */
const SCREEN = 900;

/** A system with the page of its tunnel and its inspector in a browser. */
interface World extends AsyncDisposable {
  readonly system: RunningSystem;
  /** Opens the page of another tunnel. */
  show(tunnel: string): Promise<void>;
  /** Fails unless both pages tell of the failure that was last. */
  tells(what: Told): Promise<void>;
}

interface Told {
  readonly sentence: RegExp;
  readonly fault: string;
  /** Whether the request never comes to the client. */
  readonly isAtServer?: boolean;
}

async function startWorld(options: SystemOptions = {}): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const system = stack.use(
    await runningSystem({
      ...options,
      client: {
        apiAddress: { hostname: "127.0.0.1", port: 0 },
        inspector: {},
        dial: { attempts: 1 },
        ...options.client,
      },
    }),
  );
  const chromium = stack.use(await startChromium());
  const inspector = await openPage(
    chromium,
    `${system.client.apiUrl}inspector`,
  );
  const page = await openPage(chromium, system.server.url);
  await signIn(page);
  const show = async (tunnel: string) => {
    await page.goto(system.server.url);
    await page.getByRole("link", { name: tunnel, exact: true }).click();
    await page.getByRole("heading", { name: "About" }).waitFor();
  };
  await show(TUNNEL);
  const parts = stack.move();
  return {
    ...{ system, show },
    async tells({ sentence, fault, isAtServer = false }) {
      await page.reload();
      const item = page.getByRole("listitem").filter({ hasText: sentence });
      await item.first().waitFor();
      assert.ok((await item.first().innerText()).includes(fault), fault);
      await isOnFirstScreen(item.first());
      if (isAtServer) return;
      await inspector.reload();
      await inspector.getByRole("row").filter({ hasText: sentence }).first()
        .waitFor();
      await takePicture(page, "study-tunnel");
      await takePicture(inspector, "study-inspector");
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function isOnFirstScreen(
  item: ReturnType<Page["locator"]>,
): Promise<void> {
  const box = await item.boundingBox();
  assert.ok(box !== null && box.y + box.height <= SCREEN, JSON.stringify(box));
}

Deno.test({
  ...needs("chromium"),
  name:
    "what fails at the client: site, DNS, certificate, plugin, rule, answers",
  async fn() {
    const slow = Promise.withResolvers<void>();
    await using site = startSite(async (exchange) => {
      if (exchange.path === "/slow") await slow.promise;
      if (exchange.path !== "/cut") return await exchange.answer(403);
      await exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
      exchange.endConnection();
    });
    await using secure = await startOrigin("https", ["secure.test"]);
    await using plugins = await tempPlugins({ "bad.js": BAD_PLUGIN });
    await using world = await startWorld({
      client: {
        tlsResignDomains: ["^secure\\.test$"],
        plugins: { directories: [plugins.directory], watch: false },
      },
    });
    const { system, tells } = world;
    const at = `http://shop.test:${site.port}`;
    using stack = new DisposableStack();
    stack.defer(() => slow.resolve());
    // Meanwhile it becomes slow.
    using held = await BrowserConnection.open(system.proxy, {
      site,
      hostname: "slow.test",
    });
    await held.ask("GET", "/slow");

    await get(`http://shop.test:${freePort()}/`, system.proxy);
    await tells({ sentence: /nothing listens there/, fault: "the site" });
    await get("http://nowhere.invalid/", system.proxy);
    await tells({ sentence: /Cannot find the host "nowhere/, fault: "DNS" });
    using browser = await openHttp1Browser(
      system,
      `secure.test:${secure.port}`,
    );
    await browser.send(
      `GET / HTTP/1.1\r\nHost: secure.test:${secure.port}\r\n\r\n`,
    );
    await browser.readHead();
    await tells({
      sentence: /Cannot trust the certificate of "secure\.test/,
      fault: "the site",
    });
    await get("http://bad.test/", system.proxy);
    await tells({
      sentence: /a plugin of the client failed/,
      fault: "a plugin",
    });
    await get("http://169.254.169.254/", system.proxy);
    await tells({ sentence: /it is a link-local or cloud/, fault: "a rule" });
    await get(`${at}/`, system.proxy);
    await tells({
      sentence: /The site responded with 403 Forbidden/,
      fault: "the site",
    });
    using cut = await open(`${at}/cut`, system.proxy);
    await assert.rejects(cut.text());
    await tells({ sentence: /cut/, fault: "the site" });
    await tells({
      sentence: /The site has not responded for/,
      fault: "the site",
    });
    slow.resolve();
    await held.answer();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "what fails at an upstream proxy",
  async fn() {
    const url = `http://127.0.0.1:${freePort()}`;
    await using world = await startWorld({
      client: { upstreamProxy: parseUpstreamProxy(url) },
    });

    await get("http://shop.test/", world.system.proxy);

    await world.tells({
      sentence: /upstream proxy/,
      fault: "the upstream proxy",
    });
  },
});

Deno.test({
  ...needs("chromium"),
  name:
    "what never comes to the client: a wrong key, a quota, a client that is away",
  async fn() {
    const held = Promise.withResolvers<void>();
    await using site = startSite(async (exchange) => {
      await held.promise;
      await exchange.answer(200);
    });
    await using world = await startWorld({ server: { tunnelMaxExchanges: 1 } });
    const { system, tells } = world;
    const url = "http://shop.test/";
    const wrong = CREDENTIALS.replace(/:.*/, ":not-the-key");

    await get(url, { ...system.proxy, credentials: wrong });
    await tells({
      sentence: /Proxy credentials of "[^"]+" are wrong/,
      fault: "the credentials",
      isAtServer: true,
    });
    using first = await BrowserConnection.open(system.proxy, { site });
    await first.ask("GET", "/");
    // It holds the only place as soon as it is at the site.
    await waitForRefusal(() => get(url, system.proxy));
    await tells({
      sentence: /has reached the limit of requests/,
      fault: "the tunnel",
      isAtServer: true,
    });
    held.resolve();
    await first.answer();
    const { url: origin, ca } = system.server;
    await callRest({ url: origin.slice(0, -1), caFile: ca?.file ?? "" }, {
      method: "POST",
      path: "",
      body: { tunnel_identifier: "away", protocol: "h2c" },
    });
    await get(url, { ...system.proxy, credentials: credentialsFor("away") });
    await world.show("away");
    await tells({
      sentence: /The tunnel "away" is starting or reconnecting/,
      fault: "the tunnel",
      isAtServer: true,
    });
  },
});

async function waitForRefusal(
  ask: () => Promise<{ readonly status: number }>,
): Promise<void> {
  for (let { status } = await ask(); status !== 503; { status } = await ask());
}
