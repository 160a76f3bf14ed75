import assert from "node:assert/strict";
import { openAccounts } from "../../../src/server/accounts/accounts.ts";
import {
  type AuditEntry,
  AuditLog,
  MAX_AUDIT_AGE,
  OPERATOR,
} from "../../../src/server/accounts/audit_log.ts";
import { change } from "../../../src/store/sql.ts";
import { openSqlite } from "../../../src/store/sqlite.ts";
import { FirstUseAudit } from "../../../src/server/accounts/audit_first_uses.ts";
import { auditThrottling } from "../../../src/server/accounts/audit_throttling.ts";

const cost = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const HOUR = 3_600_000;
const LIMIT = { limit: 1000 } as const;

/** `ann(ci): key_created bob/ci all`. */
function textOf({ by, action, user, object, detail }: AuditEntry): string {
  const who = by.key === "" ? by.user : `${by.user}(${by.key})`;
  const what = object === "" ? user : `${user}/${object}`;
  return `${who}: ${action} ${what} ${detail}`.trim();
}

Deno.test("AuditLog tells the newest first, of one organization, of one user, since and before", async () => {
  let now = 1000;
  using accounts = openAccounts(":memory:", { cost, now: () => now });
  const { audit } = accounts;
  await accounts.organizations.add("acme");
  await accounts.addUser("ann");
  now = 2000;
  await accounts.addUser("eve", { organization: "acme" });
  now = 3000;
  const by = { user: "ann", key: "ci", address: "192.0.2.1" };
  await accounts.addKey("ann", { name: "new", scope: "use" }, by);
  const read = async (query = {}) =>
    (await audit.read({ ...LIMIT, ...query })).map(textOf);

  assert.deepEqual(await read(), [
    "ann(ci): key_created ann/new use",
    "(operator): user_added eve admin of acme",
    "(operator): user_added ann admin of default",
    "(operator): organization_created /acme max-tunnels none",
  ]);
  assert.deepEqual(await read({ organization: "acme" }), [
    "(operator): user_added eve admin of acme",
    "(operator): organization_created /acme max-tunnels none",
  ]);
  assert.equal((await read({ user: "ann" })).length, 2);
  assert.equal((await read({ since: 2000 })).length, 2);
  assert.equal((await read({ limit: 1 })).length, 1);
  const [newest] = await audit.read({ limit: 1 });
  assert.equal((await read({ before: newest?.id })).length, 3);
  assert.deepEqual(newest?.by, by);
  assert.equal(newest?.at, 3000);
});

Deno.test("a change of an account and its row are written together or not at all", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.addUser("ann");

  await assert.rejects(() => accounts.setMembership("ann", { team: "a b" }));
  await assert.rejects(() => accounts.addUser("ann"));
  assert.equal(await accounts.removeUser("bob"), false);
  assert.equal(await accounts.revokeKey("ann", "none"), false);

  assert.deepEqual((await accounts.audit.read(LIMIT)).map(textOf), [
    "(operator): user_added ann admin of default",
  ]);
});

Deno.test("an organization's change and its row are written together or not at all", async () => {
  using accounts = openAccounts(":memory:", { cost });
  const { organizations } = accounts;
  await organizations.add("acme");

  await assert.rejects(() => organizations.add("acme"));
  await assert.rejects(() => organizations.limit("none", 1));
  await assert.rejects(() => organizations.remove("default"));

  assert.deepEqual(
    (await accounts.audit.read({ ...LIMIT, organization: "acme" })).map(textOf),
    ["(operator): organization_created /acme max-tunnels none"],
  );
  assert.equal((await accounts.audit.read(LIMIT)).length, 1);
});

Deno.test("keys that the server's options give to users are in the log when they change", async () => {
  using accounts = openAccounts(":memory:", { cost });
  for (const key of ["first", "first", "second"]) {
    await accounts.bootstrap([{ name: "ann", key }]);
  }
  await accounts.revokeKey("ann", "default");
  await accounts.bootstrap([{ name: "ann", key: "third" }]);

  const rows = await accounts.audit.read(LIMIT);

  assert.deepEqual(rows.toReversed().map(textOf), [
    "(operator): user_added ann admin of default",
    "(operator): key_revoked ann/default",
    "(operator): key_created ann/default all",
    "(operator): key_revoked ann/default",
    "(operator): key_created ann/default all",
  ]);
  assert.doesNotMatch(JSON.stringify(rows), /first|second|third/);
});

Deno.test("the admins of both organizations read that a user has moved", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.organizations.add("acme");
  await accounts.addUser("ann");
  await accounts.setMembership("ann", { organization: "acme" });

  for (const organization of ["default", "acme"]) {
    const [row] = await accounts.audit.read({ ...LIMIT, organization });
    assert.ok(row);
    assert.equal(
      textOf(row),
      "(operator): user_changed ann admin of default → member of acme",
    );
  }
  for (const user of [undefined, "ann"]) {
    assert.deepEqual(
      (await accounts.audit.read({ ...LIMIT, user })).map(textOf).slice(0, 2),
      [
        "(operator): user_changed ann admin of default → member of acme",
        "(operator): user_added ann admin of default",
      ],
      "once where both are read",
    );
  }
});

Deno.test("AuditLog forgets what is too old, and the oldest of an organization that has too much", async () => {
  let now = 1000;
  using sql = openSqlite(":memory:");
  await sql.transaction(function* () {
    yield* change("INSERT INTO organizations VALUES ('acme', NULL, 0)");
    yield* change(
      `INSERT INTO users (name, created_at, organization)
       VALUES ('ann', 0, 'default'), ('eve', 0, 'acme')`,
    );
  });
  const audit = new AuditLog(sql, () => now);
  const write = (user: string, detail: string) =>
    audit.write({ by: OPERATOR, action: "user_changed", user, detail });
  const details = async () =>
    (await audit.read(LIMIT)).map(({ detail }) => detail);
  await write("eve", "old");
  now += MAX_AUDIT_AGE;
  await write("eve", "young");
  for (let count = 1; count <= 5; count += 1) await write("ann", `${count}`);

  await audit.prune(3);
  assert.deepEqual(await details(), ["5", "4", "3", "young", "old"]);
  now += 1;
  await audit.prune(3);

  assert.deepEqual(await details(), ["5", "4", "3", "young"]);
});

Deno.test("AuditLog: a user who fills the log of an organization pushes out nobody else's deeds", async () => {
  using sql = openSqlite(":memory:");
  const audit = new AuditLog(sql, () => 0);
  const write = (user: string) =>
    audit.write({
      by: { user },
      action: "signed_in",
      organization: "acme",
      user,
    });
  for (let count = 0; count < 5; count += 1) await write("bob");
  for (let count = 0; count < 200; count += 1) await write("ann");

  await audit.prune(100);

  const actors = (await audit.read(LIMIT)).map(({ by }) => by.user);
  assert.equal(actors.filter((user) => user === "bob").length, 5);
  assert.equal(actors.length, 95);
});

Deno.test("AuditLog looks for old rows by itself", async () => {
  let now = 0;
  using sql = openSqlite(":memory:");
  const audit = new AuditLog(sql, () => now);
  const write = () =>
    audit.write({ by: OPERATOR, action: "signed_in", user: "ann" });
  await write();
  now = MAX_AUDIT_AGE + 1;

  for (let count = 0; count < 300; count += 1) await write();

  assert.equal((await audit.read(LIMIT)).length, 300);
});

Deno.test("a log that cannot be written undoes nothing", async () => {
  using sql = openSqlite(":memory:");
  const audit = new AuditLog(sql, Date.now);
  await sql.transaction(() => change("PRAGMA query_only = ON"));

  audit.note({ by: OPERATOR, action: "signed_in", user: "ann" });

  assert.deepEqual(await audit.read(LIMIT), []);
});

Deno.test("FirstUseAudit notes a user's use of another's tunnel once a day, also when the server was started again", async () => {
  let now = 100 * 24 * HOUR;
  using sql = openSqlite(":memory:");
  const audit = new AuditLog(sql, () => now);
  const by = { user: "bob", key: "ci" };
  const use = (uses: FirstUseAudit, name = "shop") =>
    uses.note({ by, owner: "ann", name });
  const uses = new FirstUseAudit(audit, { now: () => now });

  use(uses);
  use(uses);
  use(new FirstUseAudit(audit, { now: () => now }));
  use(uses, "other");
  assert.deepEqual((await audit.read(LIMIT)).map(textOf), [
    "bob(ci): tunnel_used ann/other",
    "bob(ci): tunnel_used ann/shop",
  ]);
  now += 24 * HOUR;
  use(uses);

  assert.equal((await audit.read(LIMIT)).length, 3);
});

Deno.test("throttled logins are noted with names of users only, and not without end", async () => {
  let now = 0;
  using accounts = openAccounts(":memory:", { cost, now: () => now });
  await accounts.addUser("ann");
  const note = auditThrottling(accounts, () => now);
  note("ann", "192.0.2.1");
  note("s3cr3t-key", "192.0.2.2");
  for (let count = 0; count < 200; count += 1) note("ann", "192.0.2.3");
  const rows = await accounts.audit.read(LIMIT);
  // The user that was added, 60 notes of her organization, and one of nobody's.
  assert.equal(rows.length, 62);
  assert.deepEqual(
    rows.slice(-3).map(({ by, organization }) => [by.user, organization]),
    [["(unknown)", ""], ["ann", "default"], ["(operator)", "default"]],
  );
  now = HOUR;

  note("ann", "192.0.2.3");

  assert.equal((await accounts.audit.read(LIMIT)).length, 63);
});

Deno.test("guesses at users of one organization leave room for notes of another, and so do names that are nobody's", async () => {
  using accounts = openAccounts(":memory:", { cost, now: () => 0 });
  await accounts.organizations.add("acme");
  await accounts.addUser("ann");
  await accounts.addUser("joe", { organization: "acme" });
  const note = auditThrottling(accounts, () => 0);
  for (let count = 0; count < 200; count += 1) {
    note("ann", "192.0.2.1");
    note(`nobody-${count}`, "192.0.2.1");
  }

  note("joe", "192.0.2.2");

  const [row] = await accounts.audit.read({ organization: "acme", limit: 1 });
  assert.equal(row?.action, "login_throttled");
});
