/**
 * Whose port is which, in the database: a port belongs to a tunnel name of one
 * user in one organization. Browsers give no credentials at such a port, so
 * whoever has it next would get the requests, with cookies and passwords, of
 * browsers that are still set to it.
 *
 * A port without a lease is taken first. When there is none, the owner's own
 * lease that was used longest ago is taken: those browsers are the owner's.
 * Somebody else's is taken only when it was not used for
 * {@linkcode LEASE_LIFETIME}.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { PortRange } from "../../config/options/port_config.ts";
import { openDatabase } from "../storage/database.ts";

/**
 * How long a port is kept for its name after its last use, in milliseconds: 30
 * days. A test farm that is set to a port and then switched off is found and
 * set anew within a month, or is not used any more.
 */
export const LEASE_LIFETIME: number = 30 * 24 * 60 * 60 * 1000;

/** Which tunnels a port is for. */
export interface PoolName {
  readonly organization: string;
  readonly owner: string;
  readonly name: string;
}

/** How leases are kept. */
export interface PortLeasesOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

interface Lease extends PoolName {
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** The table of leases. It has a row for each port at most. */
export class PortLeases implements Disposable {
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  /**
   * Opens it.
   *
   * @param databasePath A file, or `:memory:`.
   * @throws {DatabaseError} When the file cannot be used.
   */
  constructor(
    databasePath: string,
    { now = Date.now }: PortLeasesOptions = {},
  ) {
    this.#database = openDatabase(databasePath);
    this.#now = now;
  }

  /**
   * The ports of `range` that `pool` may have, the best one first.
   *
   * @param isLive Whether a tunnel of a pool wants its port now.
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
      const isOpen = hasRoom || organization === pool.organization;
      if (isOpen && usedAt <= oldest) yield port;
    }
  }

  /** Notes that `pool` has the port, and uses it now. */
  take({ organization, owner, name }: PoolName, port: number): void {
    this.#database.prepare(
      "INSERT OR REPLACE INTO port_leases VALUES (?, ?, ?, ?, ?)",
    ).run(port, organization, owner, name, this.#now());
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** Leases in the range, those used longest ago first. */
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

  /** How many an organization may have: half of them, so that it cannot lease all; all where there is no other. */
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

/** Ports that are nobody's, beginning at a place that the name says: few names then want the same one. */
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
