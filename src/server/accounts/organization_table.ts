/**
 * The organizations of the server. Users of one organization learn nothing about
 * others. Only the operator creates and changes them, and the audit log records it.
 */
import { DEFAULT_ORGANIZATION } from "../../api/resources/account_types.ts";
import { AccountError } from "./account_error.ts";
import { type AuditEvent, type AuditLog, OPERATOR } from "./audit_log.ts";
import type { Database } from "../storage/database.ts";
import { checkPlainName, noSuchOrganization } from "./user_table.ts";

/** An organization. */
export interface OrganizationSummary {
  readonly name: string;
  /** Most live tunnels of all its users together; `undefined` for no limit. */
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
  readonly #database: Database;
  readonly #now: () => number;
  readonly #audit: AuditLog;

  constructor(
    database: Database,
    { now, audit }: { readonly now: () => number; readonly audit: AuditLog },
  ) {
    this.#database = database;
    this.#now = now;
    this.#audit = audit;
  }

  /** Creates an organization. @throws {AccountError} `nameInvalid`, `nameTaken`. */
  add(name: string, maxTunnels?: number): void {
    checkPlainName("organization", name);
    this.#database.transaction(() => {
      const { changes } = this.#database.prepare(
        "INSERT INTO organizations VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
      ).run(name, maxTunnels ?? null, this.#now());
      if (changes === 0) throw nameTaken(name);
      this.#note(name, "organization_created", limitText(maxTunnels));
    });
  }

  /** Sets or removes the limit of its tunnels. @throws {AccountError} `noSuchOrganization`. */
  limit(name: string, maxTunnels: number | undefined): void {
    this.#database.transaction(() => {
      const before = this.find(name);
      if (before === undefined) throw noSuchOrganization(name);
      this.#database.prepare(
        "UPDATE organizations SET max_tunnels = ? WHERE name = ?",
      ).run(maxTunnels ?? null, name);
      const detail = `${limitText(before.maxTunnels)} → ${maxTunnels ?? NONE}`;
      this.#note(name, "organization_changed", detail);
    });
  }

  /** Removes an organization without users. @throws {AccountError} `noSuchOrganization`, `organizationInUse`. */
  remove(name: string): void {
    this.#database.transaction(() => {
      const organization = this.find(name);
      if (organization === undefined) throw noSuchOrganization(name);
      checkUnused(organization);
      this.#database.prepare("DELETE FROM organizations WHERE name = ?")
        .run(name);
      this.#note(name, "organization_removed");
    });
  }

  find(name: string): OrganizationSummary | undefined {
    const row = this.#database.prepare(`${SELECT} WHERE name = ?`).get(name);
    return row && summaryOf(row);
  }

  /** All organizations, by name. */
  list(): readonly OrganizationSummary[] {
    return this.#database.prepare(`${SELECT} ORDER BY name`).all()
      .map(summaryOf);
  }

  #note(name: string, action: AuditEvent["action"], detail?: string): void {
    this.#audit.write({
      by: OPERATOR,
      action,
      organization: name,
      object: name,
      ...detail === undefined ? {} : { detail },
    });
  }
}

const NONE = "none";

/** The limit as the command line spells it. */
function limitText(maxTunnels: number | undefined): string {
  return `max-tunnels ${maxTunnels ?? NONE}`;
}

function nameTaken(name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add organization "${name}": the name is taken`,
  );
}

function checkUnused({ name, users }: OrganizationSummary): void {
  if (users === 0 && name !== DEFAULT_ORGANIZATION) return;
  const why = users > 0
    ? `it has users (${users}), remove or move them first`
    : "it is the default for new users";
  throw new AccountError(
    "organizationInUse",
    `Cannot remove organization "${name}": ${why}`,
  );
}

function summaryOf(row: Record<string, unknown>): OrganizationSummary {
  return {
    name: String(row.name),
    maxTunnels: row.max_tunnels === null ? undefined : Number(row.max_tunnels),
    users: Number(row.users),
    createdAt: Number(row.created_at),
  };
}
