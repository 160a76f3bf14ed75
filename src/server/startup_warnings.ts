/**
 * Says at the start when there are no users, or when nobody could look after
 * those of an organization.
 *
 * @module
 */
import { logger } from "../log/log.ts";
import type { Accounts } from "./accounts/accounts.ts";

const log = logger("server");

/** A line of the log when nobody can do anything yet, and for each organization that has people and no admin. */
export function logStartupWarnings(
  accounts: Pick<Accounts, "listUsers">,
  { dataDir }: { readonly dataDir: string },
): void {
  const users = accounts.listUsers();
  if (users.length === 0) {
    log.warn("nobody can log in: there are no users, add the first, an admin", {
      command: `sallyport user add NAME --data-dir ${dataDir}`,
    });
  }
  const people = users.filter(({ role }) => role !== "service");
  const byOrganization = Map.groupBy(people, (user) => user.organization);
  for (const [organization, users] of byOrganization) {
    if (users.some(({ role }) => role === "admin")) continue;
    log.info("organization has no admin, see sallyport user set --role admin", {
      organization,
    });
  }
}
