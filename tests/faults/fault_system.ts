/**
 * A whole system in this process whose network the test breaks: between client
 * and server lies a relay.
 *
 * @module
 */
import type { ClientOptions } from "../../src/client/options.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import type { Server } from "../../src/server/server.ts";
import type { SilenceLimits } from "../../src/tunnel/silence.ts";
import { type BrowserProxy, get, type Page } from "../testing/browser.ts";
import { startRestFront } from "../system/rest_front.ts";
import { until, within } from "../testing/deadline.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { Relay, type RelayOptions } from "../testing/relay.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";

/** A PING after half a second, and half a second for its reply: all waits are a tenth of the usual ones. */
export const QUICK: SilenceLimits = {
  pingInterval: 500,
  pingTimeout: 500,
  overdueAfter: 200,
};

/** Nobody is given up during a test: what passes, passes for another reason. */
export const PATIENT: SilenceLimits = {
  pingInterval: 500,
  pingTimeout: 600_000,
  overdueAfter: 200,
};

/** What may be different from the defaults. */
export interface FaultOptions {
  readonly server?: Partial<ServerOptions>;
  readonly client?: Partial<ClientOptions>;
  readonly relay?: RelayOptions;
  /** Default {@linkcode QUICK}. */
  readonly silence?: SilenceLimits;
  /** Sessions of the client. Default 3. */
  readonly sessions?: number;
}

/** A system, the relay inside it, and a site behind it. */
export interface FaultSystem extends AsyncDisposable {
  readonly relay: Relay;
  readonly origin: Origin;
  readonly server: Server;
  readonly proxy: BrowserProxy;
  /** How many sessions the client has open now. */
  sessions(): number;
  /** Gets a page of the site. */
  get(path: string, method?: string): Promise<Page>;
}

/** Starts everything; all sessions are open. */
export async function startFaultSystem(
  {
    server: serverOptions,
    client: clientOptions,
    relay: relayOptions,
    silence = QUICK,
    sessions: size = 3,
  }: FaultOptions = {},
): Promise<FaultSystem> {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(await startOrigin());
  const server = stack.use(
    await startTestServer({ silence, ...serverOptions }),
  );
  const { ca, tunnelAddress, proxyAddress } = server;
  const relay = stack.use(await Relay.start(tunnelAddress.port, relayOptions));
  const front = stack.use(
    await startRestFront(
      { url: server.url.replace(/\/$/, ""), caFile: ca?.file ?? "" },
      { tunnelPort: relay.port },
    ),
  );
  let sessions = () => 0;
  stack.use(
    await startTestClient(server, {
      server: front.url,
      caCerts: [await Deno.readTextFile(front.caFile)],
      tunnelConnections: size,
      silence,
      onStatus: (read) => sessions = () => read().sessions,
      ...clientOptions,
    }),
  );
  // A relay that ends first ends what still runs on a stalled connection.
  stack.defer(() => relay.cut());
  await until("all sessions", () => sessions() === size);
  const proxy = { ...proxyAddress, credentials: CREDENTIALS };
  const parts = stack.move();
  return {
    ...{ relay, origin, server, proxy },
    sessions: () => sessions(),
    get: (path, method = "GET") =>
      within(
        get(`http://origin.test:${origin.port}${path}`, { ...proxy, method }),
        `the response to ${path}`,
      ),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
