// Ports that belong to one tunnel name each, for browsers that cannot send
// credentials: the client's address decides. A port is open while a tunnel of its
// name requests one, and stays reserved for that name afterwards.
import { type Clock, systemClock } from "../../async/clock.ts";
import type { PortRange } from "../../config/options/port_config.ts";
import { logger } from "../../log/log.ts";
import type { Acceptor } from "../../net/listen/acceptor.ts";
import { formatAddress } from "../../net/address/address.ts";
import { ListenError } from "../../net/listen/listen.ts";
import { StorageError } from "../../store/storage_health.ts";
import type { PoolName, PortLeases } from "./port_leases.ts";
import type { TunnelRegistry } from "../tunnels/registry.ts";
import type { UserDirectory } from "../accounts/permissions.ts";
import type {
  PermissionWatcher,
  WatchedConnection,
} from "../accounts/permission_watcher.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

/** A port that takes connections until it is disposed. */
export type OpenedPort = Pick<Acceptor, "address"> & AsyncDisposable;

/** Options of {@linkcode DedicatedPorts}. */
export interface DedicatedPortsOptions {
  /** The ports to use; without it no tunnel gets one. */
  readonly range: PortRange | undefined;
  readonly registry: TunnelRegistry;
  /** The organization of each owner. */
  readonly accounts: UserDirectory;
  /** Which name each port is reserved for. */
  readonly leases: PortLeases;
  /** Notifies when an owner moves to another organization. */
  readonly watch: Pick<PermissionWatcher, "enter">;
  /** Opens a port for the tunnels of `pool` that request one. @throws {ListenError} When it is in use. */
  readonly open: (port: number, pool: PoolName) => OpenedPort;
  readonly clock?: Clock;
}

/** How often the lease of an open port is renewed, in milliseconds: a crash loses one day of thirty. */
const RENEW_INTERVAL: number = 24 * 60 * 60 * 1000;

const log = logger("proxy");

interface OpenPort {
  readonly pool: PoolName;
  readonly acceptor: OpenedPort;
  readonly pass: WatchedConnection;
}

/** Opens and closes ports as tunnels come and go, until disposed. */
export class DedicatedPorts implements AsyncDisposable {
  readonly #options: DedicatedPortsOptions;
  readonly #clock: Clock;
  readonly #subscription: Disposable;
  /** By `owner+name`; no user name has a `+`. */
  readonly #open = new Map<string, OpenPort>();
  /** Resolves when every port that was closed is. */
  #closing: Promise<void> = Promise.resolve();
  #next: Disposable;

  constructor(options: DedicatedPortsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#subscription = options.registry.changes.subscribe(
      ({ kind, tunnel }) => {
        if (kind === "created") this.#assign(tunnel);
        else if (kind === "terminated" || kind === "removed") {
          this.#release(tunnel);
        }
      },
    );
    for (const tunnel of options.registry.list()) this.#assign(tunnel);
    this.#next = this.#renewLater();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription[Symbol.dispose]();
    this.#next[Symbol.dispose]();
    for (const key of [...this.#open.keys()]) this.#close(key);
    await this.#closing;
  }

  #assign(tunnel: Tunnel): void {
    if (!tunnel.wantsPort) return;
    const key = keyOf(tunnel);
    const open = this.#open.get(key) ?? this.#openFor(tunnel);
    if (open !== undefined) this.#open.set(key, open);
    tunnel.assignPort(open?.acceptor.address.port);
  }

  #openFor({ owner, name }: Tunnel): OpenPort | undefined {
    const { range, leases, accounts, watch } = this.#options;
    const { organization } = accounts.findUser(owner) ?? {};
    if (range === undefined || organization === undefined) return undefined;
    const pool = { organization, owner, name };
    const isLive = (other: PoolName) => this.#isWanted(other);
    for (const port of leases.portsFor(pool, range, isLive)) {
      const acceptor = this.#tryToOpen(port, pool);
      if (acceptor === undefined) continue;
      this.#lease(pool, port);
      const pass = watch.enter(
        () => this.#reassign(pool),
        { holds: (look) => look.organizationOf(owner) === organization },
      );
      return { pool, acceptor, pass };
    }
    log.warn("no free port for a tunnel", { owner, name });
    return undefined;
  }

  #tryToOpen(port: number, pool: PoolName): OpenedPort | undefined {
    try {
      const acceptor = this.#options.open(port, pool);
      const { owner, name } = pool;
      const address = formatAddress(acceptor.address);
      log.info("port opened for a tunnel", { owner, name, address });
      return acceptor;
    } catch (cause) {
      // In use by another tunnel or program: try another port.
      if (cause instanceof ListenError) return undefined;
      throw cause;
    }
  }

  #release(tunnel: Tunnel): void {
    if (!this.#isWanted(tunnel)) this.#close(keyOf(tunnel));
  }

  /** After a move to another organization: browsers of the old one still use the old port, which is closed. */
  #reassign({ owner, name }: PoolName): void {
    this.#close(keyOf({ owner, name }));
    for (const tunnel of this.#options.registry.find(owner, name)) {
      this.#assign(tunnel);
    }
  }

  #isWanted({ owner, name }: Pick<PoolName, "owner" | "name">): boolean {
    return this.#options.registry.find(owner, name)
      .some(({ wantsPort }) => wantsPort);
  }

  #close(key: string): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    const { pool, acceptor, pass } = open;
    this.#open.delete(key);
    pass[Symbol.dispose]();
    this.#lease(pool, acceptor.address.port);
    const before = this.#closing;
    this.#closing = Promise.resolve(acceptor[Symbol.asyncDispose]())
      .then(() => before);
    const { owner, name } = pool;
    log.info("port of a tunnel closed", { owner, name });
  }

  #lease(pool: PoolName, port: number): void {
    try {
      this.#options.leases.take(pool, port);
    } catch (error) {
      // With a full disk the name may lose its port at a restart; the tunnel goes on.
      if (error instanceof StorageError) return;
      const { owner, name } = pool;
      log.error("failed to persist port lease", { owner, name, port, error });
    }
  }

  #renewLater(): Disposable {
    return this.#clock.timer(RENEW_INTERVAL, () => {
      for (const { pool, acceptor } of this.#open.values()) {
        this.#lease(pool, acceptor.address.port);
      }
      this.#next = this.#renewLater();
    });
  }
}

function keyOf({ owner, name }: Pick<PoolName, "owner" | "name">): string {
  return `${owner}+${name}`;
}
