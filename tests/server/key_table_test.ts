import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openAccounts } from "../../src/server/accounts.ts";
import { openDatabase } from "../../src/server/database.ts";
import { KeyTable } from "../../src/server/key_table.ts";
import { hashAccessKey } from "../../src/server/access_key.ts";

const cost = { cost: 2, blockSize: 1, parallelization: 1 } as const;

Deno.test("a user may have several keys; a revoked one is none, the others stay", async () => {
  using accounts = openAccounts(":memory:", { cost });
  const first = await accounts.addUser("ann");
  const ci = await accounts.addKey("ann", { name: "ci" });
  const laptop = await accounts.addKey("ann", { name: "laptop" });
  const namesOf = (keys: readonly string[]) =>
    Promise.all(
      keys.map(async (key) => (await accounts.verify("ann", key))?.name),
    );
  assert.deepEqual(
    await namesOf([first, ci, laptop]),
    ["default", "ci", "laptop"],
  );

  assert.equal(accounts.revokeKey("ann", "ci"), true);
  assert.equal(accounts.revokeKey("ann", "ci"), false);

  assert.deepEqual(
    await namesOf([first, ci, laptop]),
    ["default", undefined, "laptop"],
  );
  assert.deepEqual(accounts.listKeys("ann").map(({ name }) => name), [
    "default",
    "laptop",
  ]);
});

Deno.test("a key is one until it expires", async () => {
  let time = 1_000;
  using accounts = openAccounts(":memory:", { cost, now: () => time });
  await accounts.addUser("ann");
  const key = await accounts.addKey("ann", { name: "ci", expiresAt: 5_000 });

  time = 4_999;
  assert.ok(await accounts.verify("ann", key));
  time = 5_000;
  assert.equal(await accounts.verify("ann", key), undefined);
});

Deno.test("the last use of a key is told to the minute", async () => {
  let time = 1_000_000;
  using accounts = openAccounts(":memory:", { cost, now: () => time });
  const key = await accounts.addUser("ann");
  const lastUse = () => accounts.listKeys("ann")[0]?.lastUsedAt;
  assert.equal(lastUse(), undefined);

  await accounts.verify("ann", "wrong");
  assert.equal(lastUse(), undefined);
  await accounts.verify("ann", key);
  assert.equal(lastUse(), 1_000_000);
  time += 59_999;
  await accounts.verify("ann", key);
  assert.equal(lastUse(), 1_000_000);
  time += 1;
  await accounts.verify("ann", key);
  assert.equal(lastUse(), 1_060_000);
});

Deno.test("a database that cannot be written refuses no login", async () => {
  using database = openDatabase(":memory:");
  database.exec("INSERT INTO users (name, created_at) VALUES ('ann', 0)");
  const table = new KeyTable(database, { cost, now: Date.now });
  const made = await table.make();
  table.add("ann", { name: "ci" }, made);
  database.exec("PRAGMA query_only = ON");

  assert.ok(await table.verify("ann", made.key));
  assert.equal(table.list("ann")[0]?.lastUsedAt, undefined);
});

Deno.test("a key opens the account of its user and of nobody else", async () => {
  using accounts = openAccounts(":memory:", { cost });
  const ann = await accounts.addUser("ann");
  await accounts.addUser("bob");
  assert.equal(await accounts.verify("bob", ann), undefined);
});

Deno.test("keys go with their user", async () => {
  using accounts = openAccounts(":memory:", { cost });
  const key = await accounts.addUser("ann");
  accounts.removeUser("ann");
  await accounts.addUser("ann");
  assert.equal(await accounts.verify("ann", key), undefined);
  assert.equal(accounts.listKeys("ann").length, 1);
});

Deno.test("what cannot be a key is refused with what to do", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.addUser("ann");
  await assert.rejects(accounts.addKey("bob", { name: "ci" }), {
    code: "noSuchUser",
    message: 'Cannot find user "bob": add it with "sallyport user add bob"',
  });
  await assert.rejects(accounts.addKey("ann", { name: "default" }), {
    code: "nameTaken",
  });
  await assert.rejects(accounts.addKey("ann", { name: "a b" }), {
    code: "nameInvalid",
  });
  for (let count = 1; count < 100; count += 1) {
    await accounts.addKey("ann", { name: `${count}` });
  }
  await assert.rejects(accounts.addKey("ann", { name: "more" }), {
    code: "tooManyKeys",
    message: 'Cannot add key "more": "ann" has 100, revoke one first',
  });
});

Deno.test("a database of the first version keeps its users and their keys", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/sallyport.db`;
  {
    using old = new DatabaseSync(path);
    old.exec(`CREATE TABLE users (
      name TEXT PRIMARY KEY NOT NULL,
      key_hash TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID; PRAGMA user_version = 1`);
    old.prepare("INSERT INTO users VALUES ('ann', ?, 7)")
      .run(await hashAccessKey("s3cr3t", cost));
  }
  {
    using accounts = openAccounts(path, { cost });
    assert.ok(await accounts.verify("ann", "s3cr3t"));
    assert.equal(await accounts.verify("ann", "other"), undefined);
    assert.deepEqual(accounts.listUsers(), [{
      name: "ann",
      createdAt: 7,
      organization: "default",
      team: undefined,
      role: "admin",
    }]);
    assert.equal(accounts.listKeys("ann")[0]?.name, "default");
  }
  await Deno.remove(folder, { recursive: true });
});
