/**
 * Ports that belong to one tunnel name each, for browsers that can give no
 * credentials: who may come is decided by address. A name keeps its port as
 * long as a tunnel of it lives that wants one, and is given the same one again
 * where it is free.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { PortRange } from "../config/port_config.ts";
import { logger } from "../log/log.ts";
import type { Acceptor } from "../net/accept.ts";
import { formatAddress } from "../net/address.ts";
import { ListenError } from "../net/listen.ts";
import type { TunnelRegistry } from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

/** What the ports are opened with. */
export interface DedicatedPortsOptions {
  /** No tunnel gets one without it. */
  readonly range: PortRange | undefined;
  readonly registry: TunnelRegistry;
  /** Opens one for the tunnels of `owner` and `name` that want one. @throws {ListenError} When it is taken. */
  readonly open: (port: number, pool: PoolName) => Acceptor;
}

/** Which tunnels a port is for. */
export interface PoolName {
  readonly owner: string;
  readonly name: string;
}

const log = logger("proxy");

/** Opens and closes ports as tunnels come and go, until disposed. */
export class DedicatedPorts implements AsyncDisposable {
  readonly #options: DedicatedPortsOptions;
  readonly #subscription: Disposable;
  /** Open ones by `owner+name`. */
  readonly #open = new Map<string, Acceptor>();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: DedicatedPortsOptions) {
    this.#options = options;
    this.#subscription = options.registry.changes.subscribe(
      ({ kind, tunnel }) => {
        if (kind === "created") this.#give(tunnel);
        else if (kind === "terminated" || kind === "removed") {
          this.#takeBack(tunnel);
        }
      },
    );
    for (const tunnel of options.registry.list()) this.#give(tunnel);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription[Symbol.dispose]();
    const closed = [...this.#open.values()].map((port) =>
      port[Symbol.asyncDispose]()
    );
    this.#open.clear();
    await Promise.all([...closed, ...this.#closing]);
  }

  #give(tunnel: Tunnel): void {
    if (!tunnel.wantsPort) return;
    const key = keyOf(tunnel);
    const acceptor = this.#open.get(key) ?? this.#openOne(tunnel);
    if (acceptor === undefined) return;
    this.#open.set(key, acceptor);
    tunnel.givePort(acceptor.address.port);
  }

  #openOne({ owner, name }: Tunnel): Acceptor | undefined {
    const { range, open } = this.#options;
    if (range === undefined) return undefined;
    for (const port of portsFor(`${owner}+${name}`, range)) {
      try {
        const acceptor = open(port, { owner, name });
        const address = formatAddress(acceptor.address);
        log.info("port opened for a tunnel", { owner, name, address });
        return acceptor;
      } catch (cause) {
        // Another tunnel's, or another program's: the next one.
        if (!(cause instanceof ListenError)) throw cause;
      }
    }
    log.warn("no port is free for a tunnel", { owner, name });
    return undefined;
  }

  #takeBack(tunnel: Tunnel): void {
    const { owner, name } = tunnel;
    const key = keyOf(tunnel);
    const acceptor = this.#open.get(key);
    const isUsed = this.#options.registry.find(owner, name)
      .some(({ wantsPort }) => wantsPort);
    if (acceptor === undefined || isUsed) return;
    this.#open.delete(key);
    const closing = Promise.resolve(acceptor[Symbol.asyncDispose]());
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
    log.info("port of a tunnel closed", { owner, name });
  }
}

function keyOf({ owner, name }: PoolName): string {
  return `${owner}+${name}`;
}

/** All ports of the range, beginning with the one that the name asks for. */
function* portsFor(
  key: string,
  { first, last }: PortRange,
): Generator<number> {
  const count = last - first + 1;
  const start = createHash("sha256").update(key).digest().readUInt32BE() %
    count;
  for (let step = 0; step < count; step++) {
    yield first + (start + step) % count;
  }
}
