/**
 * The users, keys and organizations in memory, so that a request can look one up
 * without waiting. The store feeds it with every change, its own and those of
 * other processes. The bounds of the tables bound it: some 500 bytes for a user
 * with a key.
 */
import type { Mirror, RowChange, Sql } from "../../store/sql.ts";
import {
  type Identity,
  organizationOf,
  type StoredKey,
  storedKeyOf,
  type StoredOrganization,
  userOf,
  type UserSummary,
} from "./account_rows.ts";

/** What is known of the accounts. */
export class AccountDirectory implements Disposable {
  readonly #mirror: Mirror;
  readonly #users = new Map<string, UserSummary>();
  /** Names of users, by issuer and subject. */
  readonly #identities = new Map<string, string>();
  /** By the user's name, each in order of its name. */
  readonly #keys = new Map<string, readonly StoredKey[]>();
  readonly #organizations = new Map<string, StoredOrganization>();
  /** How many users each organization has. */
  readonly #sizes = new Map<string, number>();

  constructor(sql: Sql) {
    this.#mirror = sql.mirror(
      (change) => this.#apply(change),
      () => this.#clear(),
    );
  }

  /** The user of this name. */
  user(name: string): UserSummary | undefined {
    this.#mirror.sync();
    return this.#users.get(name);
  }

  /** The user that an identity provider means. */
  userWith(identity: Identity): UserSummary | undefined {
    this.#mirror.sync();
    const name = this.#identities.get(textOf(identity));
    return name === undefined ? undefined : this.#users.get(name);
  }

  /** The users of an organization, or of all, by name. */
  users(organization?: string): readonly UserSummary[] {
    this.#mirror.sync();
    return [...this.#users.values()]
      .filter((user) =>
        organization === undefined || user.organization === organization
      )
      .sort(byName);
  }

  /** The keys of a user, by name. */
  keys(user: string): readonly StoredKey[] {
    this.#mirror.sync();
    return this.#keys.get(user) ?? [];
  }

  /** The organization of this name. */
  organization(name: string): StoredOrganization | undefined {
    this.#mirror.sync();
    return this.#organizations.get(name);
  }

  /** All organizations, by name. */
  organizations(): readonly StoredOrganization[] {
    this.#mirror.sync();
    return [...this.#organizations.values()].sort(byName);
  }

  /** How many users an organization has. */
  sizeOf(organization: string): number {
    this.#mirror.sync();
    return this.#sizes.get(organization) ?? 0;
  }

  [Symbol.dispose](): void {
    this.#mirror[Symbol.dispose]();
  }

  #apply({ table, key, rows }: RowChange): void {
    const [row] = rows;
    switch (table) {
      case "users":
        this.#setUser(key, row && userOf(row));
        break;
      case "access_keys":
        if (row === undefined) this.#keys.delete(key);
        else this.#keys.set(key, rows.map(storedKeyOf).sort(byName));
        break;
      case "organizations":
        if (row === undefined) this.#organizations.delete(key);
        else this.#organizations.set(key, organizationOf(row));
        break;
      default:
        table satisfies never;
    }
  }

  #setUser(name: string, user: UserSummary | undefined): void {
    const before = this.#users.get(name);
    if (before !== undefined) this.#count(before.organization, -1);
    if (before?.identity !== undefined) this.#forget(before.identity, name);
    if (user === undefined) {
      this.#users.delete(name);
      return;
    }
    this.#users.set(name, user);
    this.#count(user.organization, 1);
    if (user.identity === undefined) return;
    this.#identities.set(textOf(user.identity), name);
  }

  /** Another user may have come with the same identity before this one is gone. */
  #forget(identity: Identity, name: string): void {
    const text = textOf(identity);
    if (this.#identities.get(text) === name) this.#identities.delete(text);
  }

  #count(organization: string, by: number): void {
    const size = (this.#sizes.get(organization) ?? 0) + by;
    if (size === 0) this.#sizes.delete(organization);
    else this.#sizes.set(organization, size);
  }

  #clear(): void {
    for (
      const table of [
        this.#users,
        this.#identities,
        this.#keys,
        this.#organizations,
        this.#sizes,
      ]
    ) table.clear();
  }
}

function textOf({ issuer, subject }: Identity): string {
  return JSON.stringify([issuer, subject]);
}

/** The order of SQL: by code unit, not by language. */
function byName(
  { name: one }: { readonly name: string },
  { name: other }: { readonly name: string },
): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
