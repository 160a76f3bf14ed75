/** Organizations: their limits, their ends, and what the audit log says. */
import assert from "node:assert/strict";
import { openAccounts } from "../../../src/server/accounts/accounts.ts";

const cost = { cost: 2, blockSize: 1, parallelization: 1 } as const;

function open() {
  const accounts = openAccounts(":memory:", { cost, now: () => 7_000 });
  const { organizations } = accounts;
  /** What was done to an organization, and the detail. */
  const notes = async (name: string) =>
    (await accounts.audit.read({ organization: name, limit: 99 }))
      .map(({ action, detail, by, object }) => [
        action,
        detail,
        by.user,
        object,
      ]);
  return { accounts, organizations, notes };
}

Deno.test("an organization has a limit or none, and no users at first", async () => {
  const { accounts, organizations } = open();
  using _accounts = accounts;
  await organizations.add("acme", 5);
  await organizations.add("bots");

  assert.deepEqual(organizations.find("acme"), {
    name: "acme",
    maxTunnels: 5,
    users: 0,
    createdAt: 7_000,
  });
  assert.equal(organizations.find("bots")?.maxTunnels, undefined);
  assert.equal(organizations.find("odd"), undefined);
  assert.deepEqual(organizations.list().map(({ name }) => name), [
    ...["acme", "bots", "default"],
  ]);
});

Deno.test("a limit is set and removed, also 0", async () => {
  const { accounts, organizations } = open();
  using _accounts = accounts;
  await organizations.add("acme");
  for (const limit of [0, 7, undefined]) {
    await organizations.limit("acme", limit);
    assert.equal(organizations.find("acme")?.maxTunnels, limit);
  }
  await assert.rejects(() => organizations.limit("odd", 1), {
    code: "noSuchOrganization",
  });
});

Deno.test("a name is plain, and is taken once", async () => {
  const { accounts, organizations } = open();
  using _accounts = accounts;
  await organizations.add("acme", 5);
  await assert.rejects(() => organizations.add("acme"), {
    code: "nameTaken",
    message: 'Cannot add organization "acme": the name is taken',
  });
  await assert.rejects(() => organizations.add("a b"), { code: "nameInvalid" });
  assert.equal(organizations.find("acme")?.maxTunnels, 5);
});

Deno.test("only an organization without users is removed, and never the default", async () => {
  const { accounts, organizations } = open();
  using _accounts = accounts;
  await organizations.add("acme");
  await accounts.addUser("ann", { organization: "acme" });
  assert.equal(organizations.find("acme")?.users, 1);
  await assert.rejects(() => organizations.remove("acme"), {
    code: "organizationInUse",
    message: 'Cannot remove organization "acme": it has users (1), remove or ' +
      "move them first",
  });
  await assert.rejects(() => organizations.remove("default"), {
    code: "organizationInUse",
    message: /it is the default for new users$/,
  });
  await assert.rejects(() => organizations.remove("odd"), {
    code: "noSuchOrganization",
  });

  await accounts.removeUser("ann");
  await organizations.remove("acme");
  assert.equal(organizations.find("acme"), undefined);
});

Deno.test("each change is in the audit log, what was refused is not", async () => {
  const { accounts, organizations, notes } = open();
  using _accounts = accounts;
  await organizations.add("acme", 5);
  await assert.rejects(() => organizations.add("acme"));
  await organizations.limit("acme", 7);
  await organizations.limit("acme", undefined);
  await organizations.remove("acme");

  assert.deepEqual((await notes("acme")).toReversed(), [
    ["organization_created", "max-tunnels 5", "(operator)", "acme"],
    ["organization_changed", "max-tunnels 5 → 7", "(operator)", "acme"],
    ["organization_changed", "max-tunnels 7 → none", "(operator)", "acme"],
    ["organization_removed", "", "(operator)", "acme"],
  ]);
});
