/** Makes, lists, revokes and accepts invitations. All of it is in the audit log. */
import type { Sql, Work } from "../../../store/sql.ts";
import { AccountError } from "../account_error.ts";
import { type Actor, type AuditLog, OPERATOR } from "../audit_log.ts";
import type { KeyTable } from "../key_table.ts";
import {
  checkPlainName,
  checkUserName,
  type UserTable,
} from "../user_table.ts";
import { membershipText } from "./external_users.ts";
import {
  type InvitationSummary,
  InvitationTable,
  type NewInvitation,
  over,
} from "./invitation_table.ts";

/** The name of a new user's key. */
export const FIRST_KEY = "default";

/** Dependencies of {@linkcode Invitations}. */
export interface InvitationsOptions {
  readonly sql: Sql;
  readonly users: UserTable;
  readonly keys: Pick<KeyTable, "add">;
  readonly audit: AuditLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A new invitation, with its link's token, which cannot be read again. */
export interface CreatedInvitation extends InvitationSummary {
  readonly token: string;
}

/** The invitations of a server. */
export class Invitations {
  readonly #options: InvitationsOptions;
  readonly #table: InvitationTable;

  constructor(options: InvitationsOptions) {
    this.#options = options;
    this.#table = new InvitationTable(options.sql, options.now);
  }

  /**
   * Makes an invitation.
   *
   * @throws {AccountError} `nameInvalid` of the team, `tooManyInvitations`,
   * `noSuchOrganization`.
   */
  async create(
    invitation: Omit<NewInvitation, "invitedBy">,
    by: Actor = OPERATOR,
  ): Promise<CreatedInvitation> {
    checkPlainName("team", invitation.team ?? "none");
    return await this.#options.sql.transaction(() =>
      this.#creating(invitation, by)
    );
  }

  /** The invitations of an organization, the newest first. */
  async list(organization: string): Promise<readonly InvitationSummary[]> {
    return await this.#table.list(organization);
  }

  /** The invitation with this id, also one that is over. */
  async find(id: string): Promise<InvitationSummary | undefined> {
    return await this.#options.sql.view(() => this.#table.find(id));
  }

  /** Revokes an invitation, and says whether it was unused. */
  async revoke(id: string, by: Actor = OPERATOR): Promise<boolean> {
    return await this.#options.sql.transaction(() => this.#revoking(id, by));
  }

  /** What a link is for. @throws {AccountError} `noSuchInvitation`, `invitationOver`. */
  async check(token: string): Promise<InvitationSummary> {
    return await this.#options.sql.view(() => this.#checking(token));
  }

  /**
   * Adds a user by a link, which then is used, and returns the user's first key.
   *
   * @param address The IP address of the browser, for the audit log.
   * @throws {AccountError} `noSuchInvitation`, `invitationOver`, `nameInvalid`,
   * `nameTaken`, `tooManyUsers`.
   */
  async accept(token: string, name: string, address?: string): Promise<string> {
    return await this.#options.sql.transaction(() =>
      this.#accepting(token, { user: name, address })
    );
  }

  *#creating(
    invitation: Omit<NewInvitation, "invitedBy">,
    by: Actor,
  ): Work<CreatedInvitation> {
    const { users, audit } = this.#options;
    const { organization } = invitation;
    yield* users.checkOrganization(organization);
    const { id, token } = yield* this.#table.add({
      ...invitation,
      invitedBy: by.user,
    });
    const end = new Date(invitation.expiresAt).toISOString().slice(0, 16);
    const detail = `${membershipText(invitation)}, until ${end}Z`;
    yield* audit.writing({
      ...{ by, organization, object: id, detail },
      action: "invitation_created",
    });
    const found = yield* this.#table.find(id);
    if (found !== undefined) return { ...found, token };
    throw new TypeError("Cannot find an invitation that was just stored");
  }

  *#revoking(id: string, by: Actor): Work<boolean> {
    const found = yield* this.#table.find(id);
    if (found === undefined) return false;
    if (!(yield* this.#table.remove(id))) return false;
    yield* this.#options.audit.writing({
      ...{ by, object: id, organization: found.organization },
      action: "invitation_revoked",
    });
    return true;
  }

  *#checking(token: string): Work<InvitationSummary> {
    const invitation = yield* this.#table.check(token);
    if (yield* this.#mayInvite(invitation)) return invitation;
    throw over("was made by somebody who may not invite any more");
  }

  *#accepting(token: string, by: Actor): Work<string> {
    const { users, keys, audit } = this.#options;
    const invitation = yield* this.#checking(token);
    const { user: name } = by;
    checkUserName(name);
    const { id: object, organization, team, role } = invitation;
    const membership = { organization, team, role };
    if (!(yield* users.add(name, membership))) throw nameTaken(name);
    yield* this.#table.markUsed(object, name);
    const detail = membershipText(membership);
    yield* audit.writing({ by, action: "invitation_used", user: name, object });
    yield* audit.writing({ by, action: "user_added", user: name, detail });
    return yield* keys.add(name, { name: FIRST_KEY });
  }

  /** Whether the person who made it could make it now. */
  *#mayInvite({ invitedBy, organization }: InvitationSummary): Work<boolean> {
    if (invitedBy === OPERATOR.user) return true;
    const user = yield* this.#options.users.find(invitedBy);
    return user?.role === "admin" && user.disabled === undefined &&
      user.organization === organization;
  }
}

function nameTaken(name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add user "${name}": the name is taken, choose another`,
  );
}
