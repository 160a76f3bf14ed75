/**
 * Says at the start when nobody could look after an organization's users.
 *
 * @module
 */
import { logger } from "../log/log.ts";
import type { Accounts } from "./accounts.ts";

const log = logger("server");

/** A line of the log for each organization that has people and no admin. */
export function adviseAdmins(accounts: Pick<Accounts, "listUsers">): void {
  const people = accounts.listUsers().filter(({ role }) => role !== "service");
  const byOrganization = Map.groupBy(people, (user) => user.organization);
  for (const [organization, users] of byOrganization) {
    if (users.some(({ role }) => role === "admin")) continue;
    log.info("organization has no admin, see sallyport user set --role admin", {
      organization,
    });
  }
}
