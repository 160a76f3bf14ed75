/**
 * What an admin may do with the users of the organization, and everybody with
 * their own keys; REST API and page do it here.
 *
 * @module
 */
import type { Role } from "../../api/resources/account_types.ts";
import { Problem } from "../../api/serving/problem.ts";
import {
  AccountError,
  type Accounts,
  type KeySummary,
  type NewKey,
  type OrganizationSummary,
  type UserSummary,
} from "./accounts.ts";
import type { Actor, AuditEntry, AuditQuery } from "./audit_log.ts";

/** What is done by one user. Everything throws {@linkcode Problem}: 403 for who may not, 404 for what is not there, 400 for what cannot be. */
export class AccountService {
  readonly #accounts: Accounts;
  readonly #by: Actor;

  constructor(accounts: Accounts, by: Actor) {
    this.#accounts = accounts;
    this.#by = by;
  }

  /** The organization. */
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
      `Cannot find user "${name}": your organization has none of this name`,
    );
  }

  /** Adds a user to the organization; gives the first key. */
  async addUser(
    name: string,
    { role = "member", team }: {
      readonly role?: Role | undefined;
      readonly team?: string | undefined;
    } = {},
  ): Promise<string> {
    const { organization } = this.#admin();
    const place = { organization, team, role };
    return await told(() =>
      this.#accounts.addUser(name, { ...place, by: this.#by })
    );
  }

  /** Gives a user another role or team. */
  async changeUser(
    name: string,
    change: { readonly role?: Role; readonly team?: string | undefined },
  ): Promise<UserSummary> {
    this.#other(name, "change");
    await told(() =>
      this.#accounts.setMembership(name, { ...change, by: this.#by })
    );
    return this.user(name);
  }

  /** Removes a user; their tunnels end within seconds. */
  async removeUser(name: string): Promise<void> {
    this.#other(name, "remove");
    await told(() => this.#accounts.removeUser(name, this.#by));
  }

  /** The keys of a user of the organization, or one's own. */
  keysOf(name: string): readonly KeySummary[] {
    if (name !== this.#by.user) this.user(name);
    return this.#accounts.listKeys(name);
  }

  /** Makes a key: one's own, or one of a service account. */
  async addKey(name: string, key: NewKey): Promise<string> {
    const isOwn = name === this.#by.user;
    // An admin who could would be everybody, and use everybody's tunnels.
    if (!isOwn && this.user(name).role !== "service") {
      throw new Problem(
        400,
        `Cannot add key "${key.name}": "${name}" is no service account, and people make their own keys`,
      );
    }
    return await told(() => this.#accounts.addKey(name, key, this.#by));
  }

  /** Ends a key: one's own, or one of a user of the organization. */
  revokeKey(name: string, key: string): void {
    if (name !== this.#by.user) this.user(name);
    if (this.#accounts.revokeKey(name, key, this.#by)) return;
    throw new Problem(
      404,
      `Cannot revoke key "${key}": "${name}" has none of this name`,
    );
  }

  /** Who did what, newest first; nothing of an earlier organization of the same name. */
  audit(
    { since = 0, ...query }: Omit<AuditQuery, "organization">,
  ): readonly AuditEntry[] {
    const { name: organization, createdAt } = this.organization;
    return this.#accounts.audit.read({
      ...query,
      organization,
      since: Math.max(since, createdAt),
    });
  }

  #admin(): UserSummary {
    const user = this.#accounts.findUser(this.#by.user);
    if (user?.role === "admin") return user;
    throw new Problem(
      403,
      "Cannot do this: it is for admins of the organization",
    );
  }

  /** Nobody takes their own rights away by mistake, and so nobody those of the last admin. */
  #other(name: string, verb: string): void {
    this.user(name);
    if (name !== this.#by.user) return;
    throw new Problem(
      400,
      `Cannot ${verb} yourself: have another admin do it, or make one first`,
    );
  }
}

/** What cannot be is told to whoever asked. */
async function told<Result>(
  act: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof AccountError) throw new Problem(400, error.message);
    throw error;
  }
}
