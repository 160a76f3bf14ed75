/**
 * The organizations of the server. Users of one organization learn nothing about
 * others. Only the operator creates and changes them, and the audit log records it.
 */
import { DEFAULT_ORGANIZATION } from "../../api/resources/account_types.ts";
import { change, rowOf, type Sql, type Work } from "../../store/sql.ts";
import { AccountError } from "./account_error.ts";
import { organizationOf, type StoredOrganization } from "./account_rows.ts";
import { type AuditEvent, type AuditLog, OPERATOR } from "./audit_log.ts";
import type { AccountDirectory } from "./account_directory.ts";
import { checkPlainName, noSuchOrganization } from "./user_table.ts";

/** An organization. */
export interface OrganizationSummary extends StoredOrganization {
  /** How many users it has. */
  readonly users: number;
}

/** What the table of organizations needs. */
export interface OrganizationTableOptions {
  readonly sql: Sql;
  readonly directory: AccountDirectory;
  readonly audit: AuditLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The table of organizations. */
export class OrganizationTable {
  readonly #options: OrganizationTableOptions;

  constructor(options: OrganizationTableOptions) {
    this.#options = options;
  }

  /** Creates an organization. @throws {AccountError} `nameInvalid`, `nameTaken`. */
  async add(name: string, maxTunnels?: number): Promise<void> {
    checkPlainName("organization", name);
    await this.#options.sql.transaction(() => this.#adding(name, maxTunnels));
  }

  /** Sets or removes the limit of its tunnels. @throws {AccountError} `noSuchOrganization`. */
  async limit(name: string, maxTunnels: number | undefined): Promise<void> {
    await this.#options.sql.transaction(() => this.#limiting(name, maxTunnels));
  }

  /** Removes an organization without users. @throws {AccountError} `noSuchOrganization`, `organizationInUse`. */
  async remove(name: string): Promise<void> {
    await this.#options.sql.transaction(() => this.#removing(name));
  }

  /** The organization of this name. */
  find(name: string): OrganizationSummary | undefined {
    const found = this.#options.directory.organization(name);
    return found && this.#summaryOf(found);
  }

  /** All organizations, by name. */
  list(): readonly OrganizationSummary[] {
    return this.#options.directory.organizations()
      .map((each) => this.#summaryOf(each));
  }

  *#adding(name: string, maxTunnels: number | undefined): Work<void> {
    const added = yield* change(
      `INSERT INTO organizations (name, max_tunnels, created_at)
       VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING`,
      ...[name, maxTunnels ?? null, this.#options.now()],
    );
    if (added === 0) throw nameTaken(name);
    yield* this.#note(name, "organization_created", limitText(maxTunnels));
  }

  *#limiting(name: string, maxTunnels: number | undefined): Work<void> {
    const before = yield* this.#require(name);
    yield* change(
      "UPDATE organizations SET max_tunnels = ?1 WHERE name = ?2",
      ...[maxTunnels ?? null, name],
    );
    const detail = `${limitText(before.maxTunnels)} → ${maxTunnels ?? NONE}`;
    yield* this.#note(name, "organization_changed", detail);
  }

  *#removing(name: string): Work<void> {
    const organization = yield* this.#require(name);
    const row = yield* rowOf(
      "SELECT count(*) AS users FROM users WHERE organization = ?1",
      name,
    );
    checkUnused({ ...organization, users: Number(row?.users) });
    yield* change("DELETE FROM organizations WHERE name = ?1", name);
    yield* this.#note(name, "organization_removed");
  }

  *#require(name: string): Work<StoredOrganization> {
    const row = yield* rowOf(
      "SELECT * FROM organizations WHERE name = ?1",
      name,
    );
    if (row === undefined) throw noSuchOrganization(name);
    return organizationOf(row);
  }

  *#note(
    name: string,
    action: AuditEvent["action"],
    detail?: string,
  ): Work<void> {
    yield* this.#options.audit.writing({
      by: OPERATOR,
      action,
      organization: name,
      object: name,
      ...detail === undefined ? {} : { detail },
    });
  }

  #summaryOf(organization: StoredOrganization): OrganizationSummary {
    const users = this.#options.directory.sizeOf(organization.name);
    return { ...organization, users };
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
