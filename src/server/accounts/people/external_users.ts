/**
 * Users who sign in at an identity provider. The provider says who they are, and
 * by its groups which role and team they have. They exist here from their first
 * sign-in, because tunnels, keys and the audit log belong to users.
 */
import type { Database } from "../../storage/database.ts";
import { AccountError } from "../account_error.ts";
import { type Actor, type AuditLog, PROVIDER } from "../audit_log.ts";
import {
  checkUserName,
  type Identity,
  type Membership,
  type UserSummary,
  type UserTable,
} from "../user_table.ts";

/** What an identity provider says of somebody who signs in. */
export interface ExternalUser {
  readonly identity: Identity;
  /** The name for a new user. A user keeps it when it changes at the provider. */
  readonly name: string;
  readonly membership: Membership;
}

/** Options of {@linkcode ExternalUsers}. */
export interface ExternalUsersOptions {
  readonly database: Database;
  readonly users: UserTable;
  readonly audit: AuditLog;
}

/** Adds, changes and disables users as an identity provider says. */
export class ExternalUsers {
  readonly #database: Database;
  readonly #users: UserTable;
  readonly #audit: AuditLog;

  constructor({ database, users, audit }: ExternalUsersOptions) {
    this.#database = database;
    this.#users = users;
    this.#audit = audit;
  }

  /** The user that the provider means, if there is one yet. */
  find(identity: Identity): UserSummary | undefined {
    return this.#users.findByIdentity(identity);
  }

  /**
   * Takes over what the provider says, and returns the user.
   *
   * @param address The IP address of the browser, for the audit log.
   * @throws {AccountError} `nameInvalid`, `nameTaken`, `noSuchOrganization`,
   * `tooManyUsers` of a new user; `isDisabled` when an admin disabled the user.
   */
  signIn(external: ExternalUser, address?: string): UserSummary {
    const by: Actor = { ...PROVIDER, address };
    return this.#database.transaction(() => {
      const found = this.#users.findByIdentity(external.identity);
      if (found === undefined) this.#add(external, by);
      else this.#change(found, external.membership, by);
      const user = this.#users.findByIdentity(external.identity);
      if (user !== undefined) return user;
      throw new TypeError("Cannot find a user who was just stored");
    });
  }

  /** Disables the user whom the provider lets in no more. Says whether the user was enabled. */
  disable(identity: Identity, address?: string): boolean {
    return this.#database.transaction(() => {
      const user = this.#users.findByIdentity(identity);
      if (user === undefined || user.disabled !== undefined) return false;
      this.#users.setDisabled(user.name, "provider");
      const by = { ...PROVIDER, address };
      const detail = "no group of the user may sign in";
      this.#audit.write({
        ...{ by, detail },
        action: "user_disabled",
        user: user.name,
      });
      return true;
    });
  }

  #add({ identity, name, membership }: ExternalUser, by: Actor): void {
    checkUserName(name);
    const isNew = this.#users.add(name, { ...membership, identity });
    if (!isNew) throw nameTaken(name);
    const { host } = new URL(identity.issuer);
    const detail = `${membershipText(membership)}, from ${host}`;
    this.#audit.write({ by, action: "user_added", user: name, detail });
  }

  #change(before: UserSummary, after: Membership, by: Actor): void {
    const { name: user } = before;
    if (before.disabled === "admin") throw isDisabled(user);
    const detail = `${membershipText(before)} → ${membershipText(after)}`;
    if (membershipText(before) !== membershipText(after)) {
      const event = { by, action: "user_changed", user, detail } as const;
      // Admins of both organizations see the entry.
      if (after.organization !== before.organization) this.#audit.write(event);
      this.#users.setMembership(user, after, { isFinal: true });
      this.#audit.write(event);
    }
    if (before.disabled === undefined) return;
    this.#users.setDisabled(user, undefined);
    this.#audit.write({ by, action: "user_enabled", user });
  }
}

/** `member of default/web`. */
export function membershipText(
  { role, organization, team }: Membership,
): string {
  return `${role} of ${organization}${team === undefined ? "" : `/${team}`}`;
}

function nameTaken(name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add user "${name}": another user of this server has this name, ` +
      "an admin must remove that user first",
  );
}

function isDisabled(name: string): AccountError {
  return new AccountError(
    "isDisabled",
    `Cannot sign in user "${name}": an admin of this server has disabled the ` +
      "user, ask one to undo it",
  );
}
