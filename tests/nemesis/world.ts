/**
 * A server, clients with a tunnel each, a wire for each of them that can be cut,
 * and their sites. All are programs or sockets of this machine; none needs root.
 *
 * @module
 */
import { closeQuietly } from "../../src/net/stream/byte_stream.ts";
import { copy } from "../../src/net/stream/copy.ts";
import {
  type ClientProgram,
  type ServerProgram,
  startAgain,
  startClientProgram,
  startServerProgram,
} from "../system/programs.ts";
import { ByteScanner, bytesOf, writeAll } from "../testing/byte_scanner.ts";
import { Relay } from "../testing/relay.ts";
import { TcpServer } from "../testing/tcp_server.ts";
import { SITE, type Sites, startSites } from "./sites.ts";

/** A start that meets another fault is tried again. */
const STARTS = 5;

/** One client and its wire. */
interface Branch {
  readonly wire: Relay;
  client: ClientProgram;
}

/** All of it. */
export class World implements AsyncDisposable {
  readonly tunnels: readonly string[];
  readonly sites: Sites;
  readonly #stack: AsyncDisposableStack;
  readonly #branches = new Map<string, Branch>();
  #server: ServerProgram;

  private constructor(
    tunnels: readonly string[],
    { sites, server, stack }: {
      readonly sites: Sites;
      readonly server: ServerProgram;
      readonly stack: AsyncDisposableStack;
    },
  ) {
    this.tunnels = tunnels;
    this.sites = sites;
    this.#server = server;
    this.#stack = stack;
  }

  /** Starts everything. */
  static async open(tunnels: readonly string[]): Promise<World> {
    await using stack = new AsyncDisposableStack();
    const sites = stack.use(await startSites(tunnels));
    const server = await startServerProgram();
    const world = new World(tunnels, { sites, server, stack });
    stack.defer(() => world.#endPrograms());
    const exit = stack.use(new TcpServer(takeConnect));
    for (const tunnel of tunnels) {
      const wire = stack.use(await Relay.start(exit.port));
      const client = await world.#startClient(tunnel, wire);
      world.#branches.set(tunnel, { wire, client });
    }
    stack.move();
    return world;
  }

  /** Where browsers find the proxy. */
  get proxyPort(): number {
    return this.#server.proxyPort;
  }

  /** The wire between a client and the server. */
  wireOf(tunnel: string): Relay {
    return this.#branchOf(tunnel).wire;
  }

  /** Sends a signal to a client, or to the server. */
  signal(signal: Deno.Signal, tunnel?: string): void {
    const { process } = tunnel === undefined
      ? this.#server
      : this.#branchOf(tunnel).client;
    process.signal(signal);
  }

  /** Kills a client and starts it again; resolves when it is ready. */
  async restartClient(tunnel: string): Promise<void> {
    const branch = this.#branchOf(tunnel);
    await killed(branch.client);
    branch.client = await this.#startClient(tunnel, branch.wire);
  }

  /** Kills the server and starts it again; resolves when it listens. */
  async restartServer(): Promise<void> {
    const before = this.#server;
    before.process.signal("SIGKILL");
    await before.process.exit();
    this.#server = await startAgain(before);
  }

  /** Ends all programs in order. @returns What they should not have done. */
  async end(): Promise<string[]> {
    const faults: string[] = [];
    for (const [tunnel, { client }] of this.#branches) {
      client.process.signal("SIGTERM");
      const { code, stderr } = await client.process.exit(60_000);
      if (code !== 0) {
        faults.push(`client ${tunnel} ended with ${code}: ${stderr}`);
      }
    }
    this.#server.process.signal("SIGTERM");
    const { code, stderr } = await this.#server.process.exit(60_000);
    if (code !== 0) faults.push(`the server ended with ${code}: ${stderr}`);
    return faults;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #branchOf(tunnel: string): Branch {
    const branch = this.#branches.get(tunnel);
    if (branch === undefined) throw new Error(`Nobody has tunnel ${tunnel}`);
    return branch;
  }

  async #startClient(tunnel: string, wire: Relay): Promise<ClientProgram> {
    const address = this.sites.addressOf(tunnel);
    for (let attempt = 1;; attempt++) {
      try {
        return await startClientProgram(this.#server, {
          args: [
            `--tunnel-name=${tunnel}`,
            `--proxy-server=127.0.0.1:${wire.port}`,
            `--host-override=${SITE}=${address}`,
          ],
        });
      } catch (error) {
        if (attempt === STARTS) throw error;
      }
    }
  }

  async #endPrograms(): Promise<void> {
    for (const { client } of this.#branches.values()) {
      await client[Symbol.asyncDispose]();
    }
    await this.#server[Symbol.asyncDispose]();
  }
}

async function killed({ process }: ClientProgram): Promise<void> {
  process.signal("SIGKILL");
  await process.exit();
}

/** The proxy at the end of each wire: it connects to the host of the CONNECT. */
async function takeConnect(near: Deno.Conn): Promise<void> {
  const scanner = new ByteScanner(near);
  const head = await scanner.readThrough("\r\n\r\n");
  const [, hostname, port] = /^CONNECT (\S+):(\d+) /.exec(head ?? "") ?? [];
  if (hostname === undefined) return;
  const far = await Deno.connect({ hostname, port: Number(port) });
  try {
    await writeAll(near, bytesOf("HTTP/1.1 200 OK\r\n\r\n"));
    // TLS says itself where a direction ends: the first end is that of both.
    await Promise.race([copy(far, scanner), copy(near, far)]);
  } finally {
    closeQuietly(far);
  }
}
