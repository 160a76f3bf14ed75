/**
 * Ports that belong to one tunnel name each, for browsers that can give no
 * credentials: who may come is decided by address. A port is open as long as a
 * tunnel of its name lives that wants one, and is kept for that name afterwards.
 *
 * @module
 */
import { type Clock, systemClock } from "../../async/clock.ts";
import type { PortRange } from "../../config/options/port_config.ts";
import { logger } from "../../log/log.ts";
import type { Acceptor } from "../../net/listen/acceptor.ts";
import { formatAddress } from "../../net/address/address.ts";
import { ListenError } from "../../net/listen/listen.ts";
import type { PoolName, PortLeases } from "./port_leases.ts";
import type { TunnelRegistry } from "../tunnels/registry.ts";
import type { Directory } from "../accounts/permissions.ts";
import type { Pass, RightsWatch } from "../accounts/permission_watcher.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

/** What the ports are opened with. */
export interface DedicatedPortsOptions {
  /** No tunnel gets one without it. */
  readonly range: PortRange | undefined;
  readonly registry: TunnelRegistry;
  /** Where owners belong. */
  readonly accounts: Directory;
  /** Whose port is which. */
  readonly leases: PortLeases;
  /** Tells when an owner was moved to another organization. */
  readonly watch: Pick<RightsWatch, "enter">;
  /** Opens one for the tunnels of `pool` that want one. @throws {ListenError} When it is taken. */
  readonly open: (port: number, pool: PoolName) => Acceptor;
  readonly clock?: Clock;
}

/** How often a port that is open is noted as used, in milliseconds: a crash loses a day of thirty. */
const NOTE_INTERVAL: number = 24 * 60 * 60 * 1000;

const log = logger("proxy");

interface OpenPort {
  readonly pool: PoolName;
  readonly acceptor: Acceptor;
  readonly pass: Pass;
}

/** Opens and closes ports as tunnels come and go, until disposed. */
export class DedicatedPorts implements AsyncDisposable {
  readonly #options: DedicatedPortsOptions;
  readonly #clock: Clock;
  readonly #subscription: Disposable;
  /** By `owner+name`; no user name has a `+`. */
  readonly #open = new Map<string, OpenPort>();
  readonly #closing = new Set<Promise<void>>();
  #next: Disposable;

  constructor(options: DedicatedPortsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#subscription = options.registry.changes.subscribe(
      ({ kind, tunnel }) => {
        if (kind === "created") this.#give(tunnel);
        else if (kind === "terminated" || kind === "removed") {
          this.#takeBack(tunnel);
        }
      },
    );
    for (const tunnel of options.registry.list()) this.#give(tunnel);
    this.#next = this.#noteLater();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription[Symbol.dispose]();
    this.#next[Symbol.dispose]();
    for (const key of [...this.#open.keys()]) this.#close(key);
    await Promise.all(this.#closing);
  }

  #give(tunnel: Tunnel): void {
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
      this.#note(pool, port);
      const pass = watch.enter(
        () => this.#moved(pool),
        { holds: (look) => look.organizationOf(owner) === organization },
      );
      return { pool, acceptor, pass };
    }
    log.warn("no port is free for a tunnel", { owner, name });
    return undefined;
  }

  #tryToOpen(port: number, pool: PoolName): Acceptor | undefined {
    try {
      const acceptor = this.#options.open(port, pool);
      const { owner, name } = pool;
      const address = formatAddress(acceptor.address);
      log.info("port opened for a tunnel", { owner, name, address });
      return acceptor;
    } catch (cause) {
      // Another tunnel's, or another program's: the next one.
      if (cause instanceof ListenError) return undefined;
      throw cause;
    }
  }

  #takeBack(tunnel: Tunnel): void {
    if (!this.#isWanted(tunnel)) this.#close(keyOf(tunnel));
  }

  /** Browsers of the organization that the owner has left are set to the old port: it leads nowhere now. */
  #moved({ owner, name }: PoolName): void {
    this.#close(keyOf({ owner, name }));
    for (const tunnel of this.#options.registry.find(owner, name)) {
      this.#give(tunnel);
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
    this.#note(pool, acceptor.address.port);
    const closing = Promise.resolve(acceptor[Symbol.asyncDispose]());
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
    const { owner, name } = pool;
    log.info("port of a tunnel closed", { owner, name });
  }

  #note(pool: PoolName, port: number): void {
    try {
      this.#options.leases.take(pool, port);
    } catch (error) {
      // A full disk costs the name its port after a restart, not the tunnel.
      const { owner, name } = pool;
      log.error("port cannot be written down", { owner, name, port, error });
    }
  }

  #noteLater(): Disposable {
    return this.#clock.timer(NOTE_INTERVAL, () => {
      for (const { pool, acceptor } of this.#open.values()) {
        this.#note(pool, acceptor.address.port);
      }
      this.#next = this.#noteLater();
    });
  }
}

function keyOf({ owner, name }: Pick<PoolName, "owner" | "name">): string {
  return `${owner}+${name}`;
}
