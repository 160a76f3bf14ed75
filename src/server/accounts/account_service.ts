/**
 * What an admin may do with the users of the organization, and each user with
 * their own keys. The REST API and the page both use it.
 */
import type { Role } from "../../api/resources/account_types.ts";
import { Problem } from "../../api/serving/problem.ts";
import {
  AccountError,
  type Accounts,
  type CreatedInvitation,
  type InvitationSummary,
  type KeySummary,
  type NewKey,
  type OrganizationSummary,
  type UserSummary,
} from "./accounts.ts";
import type { Actor, AuditEntry, AuditQuery } from "./audit_log.ts";

/** The actions of one user. Each throws {@linkcode Problem}: 403 if it is not permitted, 404 if the object does not exist, 409 if its name is taken, 400 if it is invalid. */
export class AccountService {
  readonly #accounts: Accounts;
  readonly #by: Actor;

  constructor(accounts: Accounts, by: Actor) {
    this.#accounts = accounts;
    this.#by = by;
  }

  get organization(): OrganizationSummary {
    const { organization } = this.#admin();
    const found = this.#accounts.organizations.find(organization);
    if (found) return found;
    throw new TypeError(`Cannot find organization "${organization}"`);
  }

  /** Its users, by name. */
  get users(): readonly UserSummary[] {
    return this.#accounts.listUsers(this.#admin().organization);
  }

  /** A user of the organization. */
  user(name: string): UserSummary {
    const { organization } = this.#admin();
    const user = this.#accounts.findUser(name);
    if (user?.organization === organization) return user;
    throw new Problem(
      404,
      `Cannot find user "${name}" in your organization`,
    );
  }

  /** Adds a user to the organization, and returns their first key. */
  async addUser(
    name: string,
    { role = "member", team }: {
      readonly role?: Role | undefined;
      readonly team?: string | undefined;
    } = {},
  ): Promise<string> {
    const { organization } = this.#admin();
    const membership = { organization, team, role };
    return await asProblem(() =>
      this.#accounts.addUser(name, { ...membership, by: this.#by })
    );
  }

  /** Changes a user's role or team. */
  async changeUser(
    name: string,
    change: { readonly role?: Role; readonly team?: string | undefined },
  ): Promise<UserSummary> {
    this.#refuseSelf(name, "change");
    await asProblem(() =>
      this.#accounts.setMembership(name, { ...change, by: this.#by })
    );
    return this.user(name);
  }

  /** Disables a user, whose keys and tunnels then end, or enables the user again. */
  async setDisabled(name: string, isDisabled: boolean): Promise<void> {
    this.#refuseSelf(name, isDisabled ? "disable" : "enable");
    await asProblem(() =>
      this.#accounts.setDisabled(name, isDisabled, this.#by)
    );
  }

  /** The invitations to the organization, the newest first. */
  async invitations(): Promise<readonly InvitationSummary[]> {
    const { organization } = this.#admin();
    return await this.#accounts.invitations.list(organization);
  }

  /** Makes a link by which one person becomes a user of the organization. */
  async invite(
    { role = "member", team, expiresAt }: {
      readonly role?: Role | undefined;
      readonly team?: string | undefined;
      /** In milliseconds since 1970. */
      readonly expiresAt: number;
    },
  ): Promise<CreatedInvitation> {
    const { organization } = this.#admin();
    const invitation = { organization, team, role, expiresAt };
    return await asProblem(() =>
      this.#accounts.invitations.create(invitation, this.#by)
    );
  }

  /** Revokes an invitation to the organization that nobody has used. */
  async revokeInvitation(id: string): Promise<void> {
    const { organization } = this.#admin();
    const { invitations } = this.#accounts;
    const found = await invitations.find(id);
    const isOwn = found?.organization === organization;
    if (isOwn && await invitations.revoke(id, this.#by)) return;
    throw new Problem(
      404,
      `Cannot revoke invitation "${id}": your organization has no unused one with this id`,
    );
  }

  /** Removes a user. Their tunnels end within seconds. */
  async removeUser(name: string): Promise<void> {
    this.#refuseSelf(name, "remove");
    await asProblem(() => this.#accounts.removeUser(name, this.#by));
  }

  /** The keys of a user of the organization, or the actor's own. */
  keysOf(name: string): readonly KeySummary[] {
    if (name !== this.#by.user) this.user(name);
    return this.#accounts.listKeys(name);
  }

  /** Creates a key for the actor or for a service account. */
  async addKey(name: string, key: NewKey): Promise<string> {
    const isOwn = name === this.#by.user;
    // With a key of another person, an admin could use that person's tunnels.
    if (!isOwn && this.user(name).role !== "service") {
      throw new Problem(
        400,
        `Cannot add key "${key.name}": "${name}" is not a service account, and people create their own keys`,
      );
    }
    return await asProblem(() => this.#accounts.addKey(name, key, this.#by));
  }

  /** Revokes a key of the actor or of a user of the organization. */
  async revokeKey(name: string, key: string): Promise<void> {
    if (name !== this.#by.user) this.user(name);
    if (await this.#accounts.revokeKey(name, key, this.#by)) return;
    throw new Problem(
      404,
      `Cannot revoke key "${key}": "${name}" has no such key`,
    );
  }

  /** Audit entries, newest first, without those of an earlier organization of the same name. */
  async audit(
    { since = 0, ...query }: Omit<AuditQuery, "organization">,
  ): Promise<readonly AuditEntry[]> {
    const { name: organization, createdAt } = this.organization;
    return await this.#accounts.audit.read({
      ...query,
      organization,
      since: Math.max(since, createdAt),
    });
  }

  /** @throws {Problem} 403 if the caller is not an admin of their organization. */
  requireAdmin(): void {
    this.#admin();
  }

  #admin(): UserSummary {
    const user = this.#accounts.findUser(this.#by.user);
    if (user?.role === "admin") return user;
    throw new Problem(
      403,
      "Permission denied: only admins of the organization may do this",
    );
  }

  /** Users cannot demote or remove themselves by mistake, so the last admin stays too. */
  #refuseSelf(name: string, verb: string): void {
    this.user(name);
    if (name !== this.#by.user) return;
    throw new Problem(
      400,
      `Cannot ${verb} yourself: have another admin do it, or make one first`,
    );
  }
}

/** Turns an invalid change into a problem of the request. */
async function asProblem<Result>(
  act: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    const status = error.code === "nameTaken" ? 409 : 400;
    throw new Problem(status, error.message);
  }
}
