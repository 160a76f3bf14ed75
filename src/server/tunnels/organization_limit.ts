/**
 * How many tunnels the users of an organization may have, all together.
 *
 * @module
 */
import type { Accounts } from "../accounts/accounts.ts";

/** The limit of one organization. */
export interface OrganizationLimit {
  /** Of the organization. */
  readonly name: string;
  readonly maxTunnels: number;
  /** Whether a user belongs to it. It remembers the answers: for one look at the tunnels. */
  has(user: string): boolean;
}

/** Finds the limit that holds for a user; there may be none. */
export type FindLimit = (user: string) => OrganizationLimit | undefined;

/** Limits as the accounts say. */
export function organizationLimits(
  accounts: Pick<Accounts, "findUser" | "organizations">,
): FindLimit {
  return function limitOf(user) {
    const name = accounts.findUser(user)?.organization ?? "";
    const { maxTunnels } = accounts.organizations.find(name) ?? {};
    if (maxTunnels === undefined) return undefined;
    const known = new Map<string, boolean>();
    const has = (user: string) =>
      known.getOrInsertComputed(
        user,
        () => accounts.findUser(user)?.organization === name,
      );
    return { name, maxTunnels, has };
  };
}
