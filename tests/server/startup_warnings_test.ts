import assert from "node:assert/strict";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import { logStartupWarnings } from "../../src/server/startup_warnings.ts";
import { recordLog } from "../testing/event_log.ts";

const NO_ADMIN =
  "organization has no admin, see sallyport user set --role admin";
const NO_USER = "no user exists: add the first one, who becomes admin";

const cost = { cost: 2, blockSize: 1, parallelization: 1 } as const;

Deno.test("logStartupWarnings() names the organizations whose people have no admin", async () => {
  using accounts = openAccounts(":memory:", { cost });
  for (const name of ["acme", "bots", "empty"]) {
    await accounts.organizations.add(name);
  }
  await accounts.addUser("ann");
  await accounts.addUser("bob", { organization: "acme", role: "member" });
  await accounts.addUser("ci", { organization: "bots", role: "service" });
  await using log = await recordLog();

  logStartupWarnings(accounts, { dataDir: "/data" });

  const warnings = log.matching(NO_ADMIN);
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0]?.fields["organization"], "acme");
});

Deno.test("logStartupWarnings() gives the command for the first user of a server without any", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await using log = await recordLog();

  logStartupWarnings(accounts, { dataDir: "/data" });
  const before = log.matching(NO_USER);
  await accounts.addUser("ann");
  logStartupWarnings(accounts, { dataDir: "/data" });

  assert.equal(before.length, 1);
  assert.equal(before[0]?.level, "warn");
  const command = "sallyport user add NAME --data-dir /data";
  assert.equal(before[0].fields["command"], command);
  assert.deepEqual(log.matching(NO_USER), before);
});
