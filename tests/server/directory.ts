/**
 * Where users belong, as tests say it.
 *
 * @module
 */
import type {
  Membership,
  UserSummary,
} from "../../src/server/accounts/accounts.ts";
import type { UserDirectory } from "../../src/server/accounts/permissions.ts";

/** A directory of users: each with an organization, or a whole place. */
export function directoryOf(
  users: Readonly<Record<string, string | Partial<Membership>>>,
): UserDirectory {
  return {
    findUser(name): UserSummary | undefined {
      const place = users[name];
      if (place === undefined) return undefined;
      return {
        name,
        createdAt: 0,
        organization: "default",
        team: undefined,
        role: "member",
        ...typeof place === "string" ? { organization: place } : place,
      };
    },
  };
}
