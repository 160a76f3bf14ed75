/**
 * Users who sign in at an identity provider. The provider says who they are, and
 * by its groups which role and team they have. They exist here from their first
 * sign-in, because tunnels, keys and the audit log belong to users.
 */
import type { Sql, Work } from "../../../store/sql.ts";
import { AccountError } from "../account_error.ts";
import type { Identity, Membership, UserSummary } from "../account_rows.ts";
import { type Actor, type AuditLog, PROVIDER } from "../audit_log.ts";
import type { AccountDirectory } from "../account_directory.ts";
import { checkUserName, type UserTable } from "../user_table.ts";

/** What an identity provider says of somebody who signs in. */
export interface ExternalUser {
  readonly identity: Identity;
  /** The name for a new user. A user keeps it when it changes at the provider. */
  readonly name: string;
  readonly membership: Membership;
}

/** Options of {@linkcode ExternalUsers}. */
export interface ExternalUsersOptions {
  readonly sql: Sql;
  readonly directory: AccountDirectory;
  readonly users: UserTable;
  readonly audit: AuditLog;
}

/** Adds, changes and disables users as an identity provider says. */
export class ExternalUsers {
  readonly #options: ExternalUsersOptions;

  constructor(options: ExternalUsersOptions) {
    this.#options = options;
  }

  /** The user that the provider means, if there is one yet. */
  find(identity: Identity): UserSummary | undefined {
    return this.#options.directory.userWith(identity);
  }

  /**
   * Takes over what the provider says, and returns the user.
   *
   * @param address The IP address of the browser, for the audit log.
   * @throws {AccountError} `nameInvalid`, `nameTaken`, `noSuchOrganization`,
   * `tooManyUsers` of a new user; `isDisabled` when an admin disabled the user.
   */
  async signIn(external: ExternalUser, address?: string): Promise<UserSummary> {
    const by: Actor = { ...PROVIDER, address };
    return await this.#options.sql.transaction(() =>
      this.#signingIn(external, by)
    );
  }

  /** Disables the user whom the provider lets in no more. Says whether the user was enabled. */
  async disable(identity: Identity, address?: string): Promise<boolean> {
    const by: Actor = { ...PROVIDER, address };
    return await this.#options.sql.transaction(() =>
      this.#disabling(identity, by)
    );
  }

  *#signingIn(external: ExternalUser, by: Actor): Work<UserSummary> {
    const { users } = this.#options;
    const found = yield* users.findByIdentity(external.identity);
    if (found === undefined) yield* this.#add(external, by);
    else yield* this.#change(found, external.membership, by);
    const user = yield* users.findByIdentity(external.identity);
    if (user !== undefined) return user;
    throw new TypeError("Cannot find a user who was just stored");
  }

  *#disabling(identity: Identity, by: Actor): Work<boolean> {
    const { users, audit } = this.#options;
    const user = yield* users.findByIdentity(identity);
    if (user === undefined || user.disabled !== undefined) return false;
    yield* users.setDisabled(user.name, "provider");
    const detail = "no group of the user may sign in";
    yield* audit.writing({
      ...{ by, detail },
      action: "user_disabled",
      user: user.name,
    });
    return true;
  }

  *#add({ identity, name, membership }: ExternalUser, by: Actor): Work<void> {
    const { users, audit } = this.#options;
    checkUserName(name);
    const isNew = yield* users.add(name, { ...membership, identity });
    if (!isNew) throw nameTaken(name);
    const { host } = new URL(identity.issuer);
    const detail = `${membershipText(membership)}, from ${host}`;
    yield* audit.writing({ by, action: "user_added", user: name, detail });
  }

  *#change(before: UserSummary, after: Membership, by: Actor): Work<void> {
    const { users, audit } = this.#options;
    const { name: user } = before;
    if (before.disabled === "admin") throw isDisabled(user);
    const detail = `${membershipText(before)} → ${membershipText(after)}`;
    if (membershipText(before) !== membershipText(after)) {
      const event = { by, action: "user_changed", user, detail } as const;
      // Admins of both organizations see the entry.
      if (after.organization !== before.organization) {
        yield* audit.writing(event);
      }
      yield* users.setMembership(user, after, { isFinal: true });
      yield* audit.writing(event);
    }
    if (before.disabled === undefined) return;
    yield* users.setDisabled(user, undefined);
    yield* audit.writing({ by, action: "user_enabled", user });
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
