/** Makes, lists, revokes and accepts invitations. All of it is in the audit log. */
import type { Database } from "../../storage/database.ts";
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
  readonly database: Database;
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
    this.#table = new InvitationTable(options.database, options.now);
  }

  /**
   * Makes an invitation.
   *
   * @throws {AccountError} `nameInvalid` of the team, `tooManyInvitations`,
   * `noSuchOrganization`.
   */
  create(
    invitation: Omit<NewInvitation, "invitedBy">,
    by: Actor = OPERATOR,
  ): CreatedInvitation {
    const { database, users, audit } = this.#options;
    checkPlainName("team", invitation.team ?? "none");
    const { organization } = invitation;
    return database.transaction(() => {
      users.checkOrganization(organization);
      const { id, token } = this.#table.add({
        ...invitation,
        invitedBy: by.user,
      });
      const end = new Date(invitation.expiresAt).toISOString().slice(0, 16);
      const detail = `${membershipText(invitation)}, until ${end}Z`;
      audit.write({
        ...{ by, organization, object: id, detail },
        action: "invitation_created",
      });
      return { ...this.#require(id), token };
    });
  }

  /** The invitations of an organization, the newest first. */
  list(organization: string): readonly InvitationSummary[] {
    return this.#table.list(organization);
  }

  /** The invitation with this id, also one that is over. */
  find(id: string): InvitationSummary | undefined {
    return this.#table.find(id);
  }

  /** Revokes an invitation, and says whether it was unused. */
  revoke(id: string, by: Actor = OPERATOR): boolean {
    const { database, audit } = this.#options;
    return database.transaction(() => {
      const found = this.#table.find(id);
      if (found === undefined || !this.#table.remove(id)) return false;
      const { organization } = found;
      const action = "invitation_revoked";
      audit.write({ by, action, organization, object: id });
      return true;
    });
  }

  /** What a link is for. @throws {AccountError} `noSuchInvitation`, `invitationOver`. */
  check(token: string): InvitationSummary {
    const invitation = this.#table.check(token);
    if (!this.#mayInvite(invitation)) {
      throw over("was made by somebody who may not invite any more");
    }
    return invitation;
  }

  /**
   * Adds a user by a link, which then is used, and returns the user's first key.
   *
   * @param address The IP address of the browser, for the audit log.
   * @throws {AccountError} `noSuchInvitation`, `invitationOver`, `nameInvalid`,
   * `nameTaken`, `tooManyUsers`.
   */
  accept(token: string, name: string, address?: string): string {
    const { database, users, keys, audit } = this.#options;
    return database.transaction(() => {
      const invitation = this.check(token);
      checkUserName(name);
      const { id: object, organization, team, role } = invitation;
      const membership = { organization, team, role };
      if (!users.add(name, membership)) throw nameTaken(name);
      this.#table.markUsed(object, name);
      const by = { user: name, address };
      const detail = membershipText(membership);
      audit.write({ by, action: "invitation_used", user: name, object });
      audit.write({ by, action: "user_added", user: name, detail });
      return keys.add(name, { name: FIRST_KEY });
    });
  }

  /** Whether the person who made it could make it now. */
  #mayInvite({ invitedBy, organization }: InvitationSummary): boolean {
    if (invitedBy === OPERATOR.user) return true;
    const user = this.#options.users.find(invitedBy);
    return user?.role === "admin" && user.disabled === undefined &&
      user.organization === organization;
  }

  #require(id: string): InvitationSummary {
    const found = this.#table.find(id);
    if (found !== undefined) return found;
    throw new TypeError("Cannot find an invitation that was just stored");
  }
}

function nameTaken(name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add user "${name}": the name is taken, choose another`,
  );
}
