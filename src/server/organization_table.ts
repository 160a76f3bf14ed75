/**
 * The organizations of the server: users of one learn nothing of another.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { DEFAULT_ORGANIZATION } from "../api/account_words.ts";
import { AccountError } from "./account_error.ts";
import { checkPlainName, noSuchOrganization } from "./user_table.ts";

/** What may be told about an organization. */
export interface OrganizationSummary {
  readonly name: string;
  /** Most live tunnels of all its users together; no limit if `undefined`. */
  readonly maxTunnels: number | undefined;
  readonly users: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

const SELECT = `SELECT name, max_tunnels, created_at,
  (SELECT count(*) FROM users WHERE organization = organizations.name) AS users
  FROM organizations`;

/** The table of organizations. */
export class OrganizationTable {
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Makes one. @throws {AccountError} `nameInvalid`, `nameTaken`. */
  add(name: string, maxTunnels?: number): void {
    checkPlainName("organization", name);
    const { changes } = this.#database.prepare(
      "INSERT INTO organizations VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
    ).run(name, maxTunnels ?? null, this.#now());
    if (changes > 0) return;
    throw new AccountError(
      "nameTaken",
      `Cannot add organization "${name}": there is one of that name`,
    );
  }

  /** Limits the tunnels of one, or does so no more. @throws {AccountError} `noSuchOrganization`. */
  limit(name: string, maxTunnels: number | undefined): void {
    const { changes } = this.#database.prepare(
      "UPDATE organizations SET max_tunnels = ? WHERE name = ?",
    ).run(maxTunnels ?? null, name);
    if (changes === 0) throw noSuchOrganization(name);
  }

  /** Removes one without users. @throws {AccountError} `noSuchOrganization`, `organizationInUse`. */
  remove(name: string): void {
    const organization = this.find(name);
    if (organization === undefined) throw noSuchOrganization(name);
    const { users } = organization;
    if (users > 0 || name === DEFAULT_ORGANIZATION) {
      const why = users > 0
        ? `it has users (${users}), remove or move them first`
        : "users without another organization belong to it";
      throw new AccountError(
        "organizationInUse",
        `Cannot remove organization "${name}": ${why}`,
      );
    }
    this.#database.prepare("DELETE FROM organizations WHERE name = ?")
      .run(name);
  }

  /** The one of this name. */
  find(name: string): OrganizationSummary | undefined {
    const row = this.#database.prepare(`${SELECT} WHERE name = ?`).get(name);
    return row && summaryOf(row);
  }

  /** All by name. */
  list(): readonly OrganizationSummary[] {
    return this.#database.prepare(`${SELECT} ORDER BY name`).all()
      .map(summaryOf);
  }
}

function summaryOf(row: Record<string, unknown>): OrganizationSummary {
  return {
    name: String(row.name),
    maxTunnels: row.max_tunnels === null ? undefined : Number(row.max_tunnels),
    users: Number(row.users),
    createdAt: Number(row.created_at),
  };
}
