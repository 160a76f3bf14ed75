import type { Accounts } from "../accounts/accounts.ts";

/** How many tunnels the users of one organization may have together. */
export interface OrganizationLimit {
  /** Name of the organization. */
  readonly name: string;
  readonly maxTunnels: number;
  /** Whether a user belongs to it. Caches its results, so use it for one pass over the tunnels only. */
  has(user: string): boolean;
}

/** Finds the limit that applies to a user, if there is one. */
export type FindLimit = (user: string) => OrganizationLimit | undefined;

/** Reads the limits from the accounts. */
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
