/**
 * A bounded table that many owners share. When it is full, the owner with the
 * most entries loses one. An owner with few entries loses nothing to others.
 *
 * SharedTables are those of organizations, and within an organization those of its
 * users: a user cannot push out a colleague, nor a whole organization another.
 */

/** The owner of an entry. */
export interface Taker {
  readonly organization: string;
  readonly user: string;
}

/** How a table is bounded. */
export interface FairMapOptions<Value> {
  /** Entries of all together. */
  readonly maxEntries: number;
  /** Entries of one user, whose oldest one makes room for a further one. Default: as many as all. */
  readonly maxOfUser?: number;
  /** Called of an entry that had to make room. */
  readonly onEvict?: (value: Value) => void;
}

interface Entry<Value> {
  readonly value: Value;
  readonly share: UserShare<Value>;
}

/** The entries of one user, the one that was used longest ago first. */
interface UserShare<Value> {
  readonly name: string;
  readonly organization: OrganizationShare<Value>;
  readonly entries: Map<string, Entry<Value>>;
}

interface OrganizationShare<Value> {
  readonly name: string;
  count: number;
  readonly users: Map<string, UserShare<Value>>;
  readonly ranking: Ranking<UserShare<Value>>;
}

/** Values by key, each with an owner. All methods but iteration take constant time. */
export class FairMap<Value> implements Iterable<[string, Value]> {
  readonly #maxEntries: number;
  readonly #maxOfUser: number;
  readonly #onEvict: (value: Value) => void;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #organizations = new Map<string, OrganizationShare<Value>>();
  readonly #ranking = new Ranking<OrganizationShare<Value>>();

  constructor(
    { maxEntries, maxOfUser = maxEntries, onEvict = () => {} }: FairMapOptions<
      Value
    >,
  ) {
    this.#maxEntries = maxEntries;
    this.#maxOfUser = maxOfUser;
    this.#onEvict = onEvict;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** How many entries the user has. */
  sizeOf({ organization, user }: Taker): number {
    return this.#organizations.get(organization)?.users.get(user)?.entries
      .size ?? 0;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** The value of a key, which from now on is the last of its owner to make room. */
  use(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const { entries } = entry.share;
    entries.delete(key);
    entries.set(key, entry);
    return entry.value;
  }

  /** Adds an entry, or replaces the one of this key; there is always room. */
  set(key: string, value: Value, taker: Taker): void {
    this.delete(key);
    this.#add(key, value, taker);
    const { users } = this.#organizationOf(taker);
    const own = users.get(taker.user);
    if (own !== undefined && own.entries.size > this.#maxOfUser) {
      this.#evictOldest(own);
    }
    while (this.size > this.#maxEntries) this.#evictOldest(this.#largest());
  }

  /**
   * Adds an entry of a new key unless that would take from an owner who has no
   * more; for entries that would come back at once after they had to make room.
   *
   * @returns Whether it was added.
   */
  offer(key: string, value: Value, taker: Taker): boolean {
    if (this.sizeOf(taker) >= this.#maxOfUser) return false;
    if (this.size >= this.#maxEntries) {
      const largest = this.#largest();
      if (largest === undefined || !this.#isFairTo(largest, taker)) {
        return false;
      }
      this.#evictOldest(largest);
    }
    this.#add(key, value, taker);
    return true;
  }

  /** Removes the entry of a key; says whether there was one. */
  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    const { share } = entry;
    share.entries.delete(key);
    this.#count(share, -1);
    return true;
  }

  /** All entries, in no order that means anything; the table may change meanwhile. */
  [Symbol.iterator](): Iterator<[string, Value]> {
    return [...this.#entries].map((
      [key, { value }],
    ): [string, Value] => [key, value]).values();
  }

  #add(key: string, value: Value, taker: Taker): void {
    const share = this.#shareOf(taker);
    const entry = { value, share };
    this.#entries.set(key, entry);
    share.entries.set(key, entry);
    this.#count(share, 1);
  }

  /** Whether the one with the most would still not have less than the other afterwards. */
  #isFairTo(largest: UserShare<Value>, taker: Taker): boolean {
    const organization = this.#organizations.get(taker.organization);
    if (largest.organization !== organization) {
      return largest.organization.count > (organization?.count ?? 0) + 1;
    }
    return largest.entries.size > this.sizeOf(taker) + 1;
  }

  #largest(): UserShare<Value> | undefined {
    return this.#ranking.first?.ranking.first;
  }

  #evictOldest(share: UserShare<Value> | undefined): void {
    const [oldest] = share?.entries ?? [];
    if (oldest === undefined) return;
    const [key, { value }] = oldest;
    this.delete(key);
    this.#onEvict(value);
  }

  #organizationOf({ organization: name }: Taker): OrganizationShare<Value> {
    return this.#organizations.getOrInsertComputed(
      name,
      () => ({ name, count: 0, users: new Map(), ranking: new Ranking() }),
    );
  }

  #shareOf(taker: Taker): UserShare<Value> {
    const organization = this.#organizationOf(taker);
    return organization.users.getOrInsertComputed(
      taker.user,
      () => ({ name: taker.user, organization, entries: new Map() }),
    );
  }

  /** Counts an entry that has come or gone; an owner without entries is forgotten. */
  #count(share: UserShare<Value>, by: 1 | -1): void {
    const { organization, entries, name } = share;
    organization.count += by;
    organization.ranking.move(share, entries.size - by, entries.size);
    this.#ranking.move(
      organization,
      organization.count - by,
      organization.count,
    );
    if (entries.size === 0) organization.users.delete(name);
    if (organization.count === 0) this.#organizations.delete(organization.name);
  }
}

/** How much each owner has, in steps of one. */
class Ranking<Share> {
  readonly #byCount = new Map<number, Set<Share>>();
  #most = 0;

  /** One of those with the most. */
  get first(): Share | undefined {
    const [first] = this.#byCount.get(this.#most) ?? [];
    return first;
  }

  move(share: Share, from: number, to: number): void {
    const before = this.#byCount.get(from);
    before?.delete(share);
    if (before?.size === 0) this.#byCount.delete(from);
    if (to > 0) {
      this.#byCount.getOrInsertComputed(to, () => new Set()).add(share);
    }
    if (to > this.#most) this.#most = to;
    else if (!this.#byCount.has(this.#most)) this.#most = to;
  }
}
