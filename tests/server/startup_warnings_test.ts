import assert from "node:assert/strict";
import { openAccounts } from "../../src/server/accounts/accounts.ts";
import { logStartupWarnings } from "../../src/server/startup_warnings.ts";
import { LogLines } from "../plugin/log_lines.ts";

const cost = { cost: 2, blockSize: 1, parallelization: 1 } as const;

Deno.test("logStartupWarnings() names the organizations whose people have no admin", async () => {
  using accounts = openAccounts(":memory:", { cost });
  for (const name of ["acme", "bots", "empty"]) {
    accounts.organizations.add(name);
  }
  await accounts.addUser("ann");
  await accounts.addUser("bob", { organization: "acme", role: "member" });
  await accounts.addUser("ci", { organization: "bots", role: "service" });
  await using log = await LogLines.start();

  logStartupWarnings(accounts, { dataDir: "/data" });

  const lines = log.matching(/has no admin/);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /"organization":"acme"/);
});

Deno.test("logStartupWarnings() gives the command for the first user of a server without any", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await using log = await LogLines.start();

  logStartupWarnings(accounts, { dataDir: "/data" });
  const before = log.matching(/no user exists/);
  await accounts.addUser("ann");
  logStartupWarnings(accounts, { dataDir: "/data" });

  assert.equal(before.length, 1);
  assert.match(
    before[0] ?? "",
    /^warning no user exists: add the first one/,
  );
  assert.match(before[0] ?? "", /"sallyport user add NAME --data-dir \/data"/);
  assert.deepEqual(log.matching(/no user exists/), before);
});
