/**
 * A real server, light clients, and what should be true of them.
 *
 * @module
 */
import { tunnelState } from "../../src/api/resources/tunnel_resource.ts";
import { databasePath } from "../../src/config/data_dir.ts";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import type { Server } from "../../src/server/server.ts";
import { type BrowserProxy, get, type Page } from "../testing/browser.ts";
import { callRest, type RestServer } from "../system/rest_calls.ts";
import { within } from "../testing/deadline.ts";
import { freePort } from "../testing/free_port.ts";
import { LightClient, type LightUser } from "../testing/light_client.ts";
import { startTestServer } from "../testing/running_system.ts";
import { type Ask, type FakeTunnel, KEYS, usable } from "./isolation_oracle.ts";

/** All users. */
export const USERS: readonly LightUser[] = [...KEYS].map(([name, key]) => ({
  name,
  key,
}));
/** Few names, one of them often, so that they collide, and some that look like something else. */
export const NAMES: readonly string[] = ["lab", "lab", "ann+lab", "lab;job=1"];

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
/** More than that make the server refuse right keys too. */
const MAX_FAILURES = 8;
const PORTS = 40;

/** What a tunnel is started with. */
export interface Wish {
  readonly user: LightUser;
  readonly name: string;
  readonly pool: boolean;
  readonly shared: boolean;
  readonly wantsPort: boolean;
}

/** The server, its clients, and what is known of them. */
export class IsolationWorld implements AsyncDisposable {
  /** Every tunnel by its id, as it was last. */
  readonly everMade: Map<string, FakeTunnel> = new Map();
  readonly #options: ServerPlace;
  readonly #clients = new Map<string, LightClient>();
  readonly #failures = new Map<string, number>();
  #server: Server;
  #live: readonly string[] = [];

  private constructor(options: ServerPlace, server: Server) {
    this.#options = options;
    this.#server = server;
  }

  /** Starts the server. */
  static async open(): Promise<IsolationWorld> {
    const dataDir = await Deno.makeTempDir({ prefix: "sallyport-test-" });
    {
      using accounts = openAccounts(databasePath(dataDir), { cost: CHEAP });
      await accounts.bootstrap(USERS);
    }
    const first = Math.min(freePort(), 65_535 - PORTS);
    const proxyPortRange = { first, last: first + PORTS };
    const options = { dataDir, proxyPortRange };
    return new IsolationWorld(options, await startTestServer(options));
  }

  /** The tunnels that were not stopped. */
  get live(): readonly FakeTunnel[] {
    return this.#live.flatMap((id) => this.everMade.get(id) ?? []);
  }

  /** Starts a tunnel; one without a pool ends the others of its name. */
  async start({ user, name, pool, shared, wantsPort }: Wish): Promise<void> {
    const client = await LightClient.start(this.#rest, {
      user,
      tunnel: {
        tunnel_identifier: name,
        tunnel_pool: pool,
        shared: shared ? "all" : "",
        dedicated_port: wantsPort,
      },
    });
    const { id, proxy_password: password } = client.tunnel;
    if (!pool) {
      const isReplaced = (each: FakeTunnel) =>
        each.owner === user.name && each.name === name;
      await this.#end(this.live.filter(isReplaced));
    }
    this.#clients.set(id, client);
    this.#live = [...this.#live, id];
    this.everMade.set(id, {
      ...{ id, owner: user.name, name, shared, wantsPort, password },
      port: client.tunnel.dedicated_port ?? undefined,
      isConnected: true,
    });
  }

  /** Its owner stops a tunnel. */
  async stop(tunnel: FakeTunnel): Promise<void> {
    await callRest(this.#rest, {
      method: "DELETE",
      path: `/${tunnel.id}`,
      user: userOf(tunnel),
    });
    await this.#end([tunnel]);
  }

  /** The client of a tunnel goes, or comes back. */
  async toggle(tunnel: FakeTunnel): Promise<void> {
    const { id, isConnected } = tunnel;
    const client = this.#clients.get(id);
    if (isConnected) await client?.[Symbol.asyncDispose]();
    else await client?.connect(this.#rest, this.#server.tunnelAddress.port);
    this.everMade.set(id, { ...tunnel, isConnected: !isConnected });
  }

  /** The server ends and comes back, at other ports; so do the clients that were there. */
  async restart(): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#failures.clear();
    this.#server = await startTestServer(this.#options);
    for (const { id, isConnected } of this.live) {
      if (!isConnected) continue;
      const { tunnelAddress: { port } } = this.#server;
      await this.#clients.get(id)?.connect(this.#rest, port);
    }
  }

  /** Resolves when the server knows what the clients know. */
  async settle(): Promise<void> {
    const settled = async () => {
      while (!await this.#isSettled());
    };
    await within(settled(), "the server to see what has happened");
  }

  /** Whether the server would still hear the right key afterwards; counts it if so. */
  mayTry(ask: Ask): boolean {
    if (ask.kind === "port" || KEYS.get(ask.user) === ask.password) return true;
    if (usable(ask, this.live).length > 0) return true;
    const failures = (this.#failures.get(ask.user) ?? 0) + 1;
    this.#failures.set(ask.user, failures);
    return failures <= MAX_FAILURES;
  }

  /** Sends a request. */
  async ask(ask: Ask): Promise<Pick<Page, "status" | "text">> {
    const url = "http://who.test/";
    if (ask.kind === "port") {
      try {
        return await get(url, { port: ask.port });
      } catch {
        // The port is closed, or was in the middle of it.
        return { status: 503, text: "" };
      }
    }
    const proxy: BrowserProxy = {
      port: this.#server.proxyAddress.port,
      credentials: `${ask.user}+${ask.text}:${ask.password}`,
    };
    try {
      return await get(url, proxy);
    } catch {
      // The server is just restarting.
      return { status: 503, text: "" };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) {
      await client[Symbol.asyncDispose]();
    }
    await this.#server[Symbol.asyncDispose]();
    await Deno.remove(this.#options.dataDir, { recursive: true });
  }

  get #rest(): RestServer {
    const { url, ca } = this.#server;
    return { url: url.slice(0, -1), caFile: ca?.file ?? "" };
  }

  async #end(tunnels: readonly FakeTunnel[]): Promise<void> {
    const ids = tunnels.map(({ id }) => id);
    this.#live = this.#live.filter((id) => !ids.includes(id));
    for (const id of ids) {
      await this.#clients.get(id)?.ended();
      this.#clients.delete(id);
    }
  }

  /** The same tunnels, with a client or without; takes over at which ports they are. */
  async #isSettled(): Promise<boolean> {
    for (const user of USERS) {
      const answer = await callRest(this.#rest, { path: "?full=1", user });
      const told = tunnelState.array().parse(JSON.parse(answer.text));
      const states = told.filter(({ owner }) => owner === user.name);
      const own = this.live.filter(({ owner }) => owner === user.name);
      if (states.length !== own.length) return false;
      for (const tunnel of own) {
        const state = states.find(({ id }) => id === tunnel.id);
        if (state?.is_ready !== tunnel.isConnected) return false;
        const port = state.dedicated_port ?? undefined;
        this.everMade.set(tunnel.id, { ...tunnel, port });
      }
    }
    return true;
  }
}

type ServerPlace = Required<Pick<ServerOptions, "dataDir" | "proxyPortRange">>;

function userOf({ owner }: FakeTunnel): LightUser {
  return { name: owner, key: KEYS.get(owner) ?? "" };
}
