// Reserved ports, in the database. A port belongs to a tunnel name of one user in
// one organization. Browsers send no credentials there, so a new holder of the
// port would get the requests, with cookies and passwords, of browsers that still
// use it.
//
// A port without a lease is taken first. If none is left, the owner's own least
// recently used lease is taken: its browsers are the owner's. A lease of another
// user is taken only if it was unused for LEASE_LIFETIME.
import { createHash } from "node:crypto";
import type { PortRange } from "../../config/options/port_config.ts";
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
} from "../../store/database.ts";

/**
 * How long a port stays reserved after its last use, in milliseconds: 30 days.
 * Within a month somebody notices that a test farm uses a port that is switched
 * off, or the test farm is no longer in use.
 */
export const LEASE_LIFETIME: number = 30 * 24 * 60 * 60 * 1000;

/** The tunnels that a port is for. */
export interface PoolName {
  readonly organization: string;
  readonly owner: string;
  readonly name: string;
}

/** Options of {@linkcode PortLeases}. */
export interface PortLeasesOptions extends DatabaseOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

interface Lease extends PoolName {
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** The table of leases, with at most one row a port. */
export class PortLeases implements Disposable {
  readonly #database: Database;
  readonly #now: () => number;

  /**
   * Opens the table.
   *
   * @param databasePath A file, or `:memory:`.
   * @throws {DatabaseError} When the file cannot be used.
   */
  constructor(
    databasePath: string,
    { now = Date.now, ...options }: PortLeasesOptions = {},
  ) {
    this.#database = openDatabase(databasePath, options);
    this.#now = now;
  }

  /**
   * The ports of `range` that `pool` may use, the best one first.
   *
   * @param isLive Whether a running tunnel of a pool requests its port.
   */
  *portsFor(
    pool: PoolName,
    range: PortRange,
    isLive: (pool: PoolName) => boolean = () => false,
  ): Generator<number> {
    const leases = this.#list(range);
    const own = leases.filter((lease) => isSame(lease, pool));
    yield* own.toReversed().map(({ port }) => port);
    const free = leases.filter((lease) =>
      !isSame(lease, pool) && !isLive(lease)
    );
    const count =
      leases.filter(({ organization }) => organization === pool.organization)
        .length;
    const hasRoom = count < this.#maxOf(range);
    if (hasRoom) yield* unleased(pool, range, leases);
    for (const { port } of free.filter((each) => isOfOwner(each, pool))) {
      yield port;
    }
    const oldest = this.#now() - LEASE_LIFETIME;
    for (const { port, organization, usedAt } of free) {
      const isAvailable = hasRoom || organization === pool.organization;
      if (isAvailable && usedAt <= oldest) yield port;
    }
  }

  /** Reserves the port for `pool`, or renews its lease. */
  take({ organization, owner, name }: PoolName, port: number): void {
    const statement = this.#database.prepare(
      "INSERT OR REPLACE INTO port_leases VALUES (?, ?, ?, ?, ?)",
    );
    this.#database.write(() =>
      statement.run(port, organization, owner, name, this.#now())
    );
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** Leases in the range, least recently used first. */
  #list({ first, last }: PortRange): readonly Lease[] {
    return this.#database.prepare(
      `SELECT * FROM port_leases WHERE port BETWEEN ? AND ?
       ORDER BY used_at, port`,
    ).all(first, last).map((row) => ({
      port: Number(row.port),
      organization: String(row.organization),
      owner: String(row.owner),
      name: String(row.name),
      usedAt: Number(row.used_at),
    }));
  }

  /** Leases that one organization may have: half of the range, so that it cannot take all; all if it is the only one. */
  #maxOf({ first, last }: PortRange): number {
    const count = last - first + 1;
    const { organizations } = this.#database.prepare(
      "SELECT count(*) AS organizations FROM organizations",
    ).get() ?? {};
    return Number(organizations) > 1
      ? Math.max(1, Math.floor(count / 2))
      : count;
  }
}

function isSame(one: PoolName, other: PoolName): boolean {
  return isOfOwner(one, other) && one.name === other.name;
}

function isOfOwner(one: PoolName, other: PoolName): boolean {
  return one.organization === other.organization && one.owner === other.owner;
}

/** Ports without a lease, from a place that depends on the name: few names then try the same port. */
function* unleased(
  { organization, owner, name }: PoolName,
  { first, last }: PortRange,
  leases: readonly Lease[],
): Generator<number> {
  const taken = new Set(leases.map(({ port }) => port));
  const count = last - first + 1;
  const key = `${organization}+${owner}+${name}`;
  const start = createHash("sha256").update(key).digest().readUInt32BE() %
    count;
  for (let step = 0; step < count; step++) {
    const port = first + (start + step) % count;
    if (!taken.has(port)) yield port;
  }
}
