/**
 * What goes wrong with servers and clients, provoked one after another in this
 * process, and the metrics before and after.
 *
 * @module
 */
import assert from "node:assert/strict";
import { configureLog } from "../../src/log/configure.ts";
import { logger } from "../../src/log/log.ts";
import type { LogTarget } from "../../src/log/log_writer.ts";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { startOrigin } from "../testing/origin.ts";
import { RawClient } from "../testing/raw_client.ts";
import type { Scrapes, Transition } from "./alert_rules.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import {
  type Scrape,
  scrapedUntil,
  startWatchedSystem,
  type WatchedSystem,
} from "./watched_system.ts";

/** Names of the jobs in alerts. */
export const SERVER = "sallyport-server";
export const CLIENT = "sallyport-client";
/** Three quarters of it one port may have; an eighth may wait for a login from one address. */
const MAX_CONNECTIONS = 120;
/** Longer than the longest lag that no alert minds, in milliseconds. */
const LAG = 1_050;

/** Takes a log until it has to fail. */
class FragileTarget implements LogTarget {
  isBroken = false;

  write(bytes: Uint8Array): Promise<number> {
    return this.isBroken
      ? Promise.reject(new Error("No space left on device"))
      : Promise.resolve(bytes.byteLength);
  }

  close(): void {}
}

interface World extends AsyncDisposable {
  readonly system: WatchedSystem;
  readonly target: FragileTarget;
  /** Gets a page through the tunnel; gives its status. */
  browse(url: string, credentials?: string): Promise<number>;
  readonly siteUrl: string;
  /** Ends what a fault keeps open, once it is seen. */
  whileOpen: DisposableStack;
}

async function startWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const target = new FragileTarget();
  const log = stack.use(await configureLog({ output: target }));
  const counted = { loggedErrors: log.errors, droppedLogLines: log.dropped };
  const plugins = stack.use(
    await tempPlugins({
      "bad.js": `export default {
        request({ url }) {
          if (url.hostname === "bad.test") throw new Error("out of luck");
        },
      };`,
    }),
  );
  const origin = stack.use(await startOrigin());
  const system = stack.use(
    await startWatchedSystem({
      server: {
        ...counted,
        maxConnections: MAX_CONNECTIONS,
        maxConnectionsPerAddress: MAX_CONNECTIONS,
        loginMaxFailures: 2,
      },
      client: {
        ...counted,
        dial: { attempts: 1 },
        plugins: { directories: [plugins.directory], watch: false },
      },
    }),
  );
  const { port } = system.server.proxyAddress;
  const parts = stack.move();
  return {
    ...{ system, target },
    siteUrl: origin.url,
    whileOpen: new DisposableStack(),
    browse: async (url, credentials = CREDENTIALS) =>
      (await get(url, { port, credentials })).status,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Something that goes wrong. */
interface Fault {
  readonly name: string;
  readonly alerts: readonly string[];
  /** Those of earlier faults that last. */
  readonly alertsBefore?: readonly string[];
  provoke(world: World): Promise<void>;
  /** Whether the metrics show it already; by default they do at once. */
  isSeen?(scrapes: Both): boolean;
}

/** Scrapes of both programs. */
interface Both {
  readonly server: Scrape;
  readonly client: Scrape;
}

const FAULTS: readonly Fault[] = [
  {
    name: "nothing",
    alerts: [],
    provoke: async ({ browse, siteUrl }) => {
      assert.equal(await browse(`${siteUrl}/status/200`), 200);
    },
  },
  {
    name: "wrong keys",
    alerts: ["SallyportLoginsThrottled"],
    async provoke({ browse, siteUrl }) {
      for (let attempt = 0; attempt < 4; attempt++) {
        await browse(`${siteUrl}/`, "eve+lab:wrong");
      }
    },
  },
  {
    name: "sites that cannot be reached",
    alerts: ["SallyportRequestsFail"],
    async provoke({ browse }) {
      for (let count = 0; count < 10; count++) {
        assert.equal(await browse("http://nowhere.invalid/"), 502);
      }
    },
  },
  {
    name: "a flood of connections",
    alerts: ["SallyportConnectionsRefused"],
    async provoke({ system }) {
      const { port } = system.server.proxyAddress;
      using stack = new DisposableStack();
      for (let count = 0; count < MAX_CONNECTIONS / 8 + 5; count++) {
        const client = await RawClient.connect({ port });
        stack.defer(() => client.close());
      }
    },
    isSeen: ({ server }) =>
      server.sum("connections_refused_total", { reason: "gave_way" }) > 0 &&
      server.sum("connections_pending", { port: "proxy" }) === 0,
  },
  {
    name: "as many connections as one port may have",
    alerts: ["SallyportConnectionsNearLimit"],
    async provoke({ system, siteUrl, whileOpen }) {
      const { port } = system.server.proxyAddress;
      const request = [
        `HEAD ${siteUrl}/status/200 HTTP/1.1`,
        `Host: ${new URL(siteUrl).host}`,
        `Proxy-Authorization: Basic ${btoa(CREDENTIALS)}`,
        ...["", ""],
      ].join("\r\n");
      for (let count = 0; count < MAX_CONNECTIONS * 0.72; count++) {
        const client = await RawClient.connect({ port });
        whileOpen.defer(() => client.close());
        await client.send(request);
        assert.match(await client.readHead(), / 200 /);
      }
    },
  },
  {
    name: "a busy event loop",
    alerts: ["SallyportEventLoopLags"],
    async provoke() {
      for (let count = 0; count < 3; count++) {
        const until = performance.now() + LAG;
        while (performance.now() < until);
        // Timers that are due are called.
        await new Promise((resolve) => setTimeout(resolve));
      }
    },
  },
  {
    name: "a log that cannot be written",
    alerts: ["SallyportLogLinesDropped"],
    provoke({ target }) {
      target.isBroken = true;
      logger("server").info("lost");
      return Promise.resolve();
    },
    isSeen: ({ server }) => server.sum("log_lines_dropped_total") > 0,
  },
  {
    name: "an error in the log",
    alerts: ["SallyportErrorsLogged"],
    provoke({ target }) {
      target.isBroken = false;
      logger("server").error("something broke");
      return Promise.resolve();
    },
  },
  {
    name: "a plugin that fails",
    alerts: [
      "SallyportPluginFails",
      "SallyportPluginKeepsFailing",
      "SallyportRequestsFail",
    ],
    async provoke({ browse }) {
      for (let count = 0; count < 10; count++) {
        assert.equal(await browse("http://bad.test/"), 502);
      }
    },
  },
  {
    name: "a cut wire",
    alerts: [
      "SallyportClientCannotConnect",
      "SallyportClientDisconnected",
      "SallyportPluginKeepsFailing",
      "SallyportSessionsLost",
      "SallyportTunnelWithoutClient",
    ],
    alertsBefore: ["SallyportPluginKeepsFailing"],
    provoke: async ({ system }) => await system.wire[Symbol.asyncDispose](),
    isSeen: ({ server, client }) =>
      server.sum("organization_tunnels", { state: "away" }) > 0 &&
      client.sum("tunnel_connections") === 0 &&
      client.sum("tunnel_errors_total") > 0,
  },
];

/** What was seen of all faults. */
export interface Provoked {
  readonly transitions: readonly Transition[];
  /** The first one is before all faults. */
  readonly scrapes: readonly Scrapes[];
}

let provoked: Promise<Provoked> | undefined;

/** All faults, provoked once. */
export function provokedFaults(): Promise<Provoked> {
  return provoked ??= provokeAll();
}

/** Provokes all faults, one after another. */
async function provokeAll(): Promise<Provoked> {
  await using world = await startWorld();
  const { system } = world;
  const scrapes: Scrapes[] = [];
  const transitions: Transition[] = [];
  for (const { provoke, isSeen = () => true, ...fault } of FAULTS) {
    const isOver = ({ server }: Both) =>
      server.sum("connections_open", { port: "proxy" }) < 10;
    const before = await both(isOver, "the end of the fault before");
    using whileOpen = new DisposableStack();
    world.whileOpen = whileOpen;
    await provoke(world);
    const after = await both(isSeen, fault.name);
    transitions.push({ ...fault, before, after });
    scrapes.push(before, after);
  }
  return { transitions, scrapes };

  /** Scrapes both programs until it holds. */
  async function both(
    holds: (scrapes: Both) => boolean,
    what: string,
  ): Promise<Scrapes> {
    let client = await system.scrapeClient();
    const server = await scrapedUntil(
      async () => {
        client = await system.scrapeClient();
        return await system.scrapeServer();
      },
      (server) => holds({ server, client }),
      what,
    );
    return { [SERVER]: server, [CLIENT]: client };
  }
}
