import { logger } from "../log/log.ts";
import type { Accounts } from "./accounts/accounts.ts";

const log = logger("server");

/** Warns when no user exists, and names each organization whose users include people but no admin. */
export function logStartupWarnings(
  accounts: Pick<Accounts, "listUsers">,
  { dataDir }: { readonly dataDir: string },
): void {
  const users = accounts.listUsers();
  if (users.length === 0) {
    log.warn("no user exists: add the first one, who becomes admin", {
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
