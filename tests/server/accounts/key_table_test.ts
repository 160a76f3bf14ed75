import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  type Accounts,
  openAccounts,
} from "../../../src/server/accounts/accounts.ts";
import { change, type Sql } from "../../../src/store/sql.ts";
import { openSqlite } from "../../../src/store/sqlite.ts";
import { AccountDirectory } from "../../../src/server/accounts/account_directory.ts";
import { KeyTable } from "../../../src/server/accounts/key_table.ts";
import { hashAccessKey } from "../../../src/server/accounts/access_key.ts";

const cost = { cost: 2, blockSize: 1, parallelization: 1 } as const;

/** A table of keys, and a user Ann without any. */
async function tableWithAnn(
  now: () => number,
): Promise<{ readonly sql: Sql; readonly table: KeyTable } & Disposable> {
  const sql = openSqlite(":memory:");
  await sql.transaction(() =>
    change("INSERT INTO users (name, created_at) VALUES ('ann', 0)")
  );
  const table = new KeyTable({
    sql,
    directory: new AccountDirectory(sql),
    cost,
    now,
  });
  return { sql, table, [Symbol.dispose]: () => sql[Symbol.dispose]() };
}

Deno.test("a user may have several keys; a revoked one does not work, the others do", async () => {
  using accounts = openAccounts(":memory:", { cost });
  const first = await accounts.addUser("ann");
  const ci = await accounts.addKey("ann", { name: "ci" });
  const laptop = await accounts.addKey("ann", { name: "laptop" });
  const namesOf = (keys: readonly string[]) =>
    Promise.all(
      keys.map(async (key) =>
        (await accounts.lookUp("ann", key).verify())?.name
      ),
    );
  assert.deepEqual(
    await namesOf([first, ci, laptop]),
    ["default", "ci", "laptop"],
  );

  assert.equal(await accounts.revokeKey("ann", "ci"), true);
  assert.equal(await accounts.revokeKey("ann", "ci"), false);

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
  assert.ok(await accounts.lookUp("ann", key).verify());
  assert.equal(accounts.lookUp("ann", key).expired(), undefined);
  time = 5_000;
  assert.equal(await accounts.lookUp("ann", key).verify(), undefined);
  assert.deepEqual(accounts.lookUp("ann", key).expired(), {
    name: "ci",
    expiredAt: 5_000,
  });
});

Deno.test("only who has an expired key learns that it has expired", async () => {
  let time = 1_000;
  using accounts = openAccounts(":memory:", { cost, now: () => time });
  const ownKey = await accounts.addUser("ann");
  await accounts.addUser("bob");
  const key = await accounts.addKey("ann", { name: "ci", expiresAt: 2_000 });
  time = 3_000;
  const expiryOf = (user: string, secret: string) =>
    accounts.lookUp(user, secret).expired();

  assert.equal(expiryOf("ann", key)?.name, "ci");
  for (
    const [user, secret] of [
      ["bob", key],
      ["eve", key],
      ["ann", ownKey],
      ["ann", `${key}x`],
      ["ann", ""],
      ["ann", "x".repeat(10_000)],
    ] as const
  ) assert.equal(expiryOf(user, secret), undefined, `${user} ${secret}`);
  await accounts.revokeKey("ann", "ci");
  assert.equal(expiryOf("ann", key), undefined);
});

Deno.test("the last use of a key is stored to the minute", async () => {
  let time = 1_000_000;
  using accounts = openAccounts(":memory:", { cost, now: () => time });
  const key = await accounts.addUser("ann");
  const lastUse = () => accounts.listKeys("ann")[0]?.lastUsedAt;
  assert.equal(lastUse(), undefined);

  await accounts.lookUp("ann", "wrong").verify();
  assert.equal(lastUse(), undefined);
  await accounts.lookUp("ann", key).verify();
  assert.equal(lastUse(), 1_000_000);
  time += 59_999;
  await accounts.lookUp("ann", key).verify();
  assert.equal(lastUse(), 1_000_000);
  time += 1;
  await accounts.lookUp("ann", key).verify();
  assert.equal(lastUse(), 1_060_000);
});

Deno.test("a database that cannot be written refuses no login", async () => {
  using world = await tableWithAnn(Date.now);
  const { sql, table } = world;
  const made = await sql.transaction(() => table.add("ann", { name: "ci" }));
  await sql.transaction(() => change("PRAGMA query_only = ON"));

  assert.ok(await table.lookUp("ann", made).verify());
  assert.equal(table.list("ann")[0]?.lastUsedAt, undefined);
});

Deno.test("a key opens the account of its user and of nobody else", async () => {
  using accounts = openAccounts(":memory:", { cost });
  const ann = await accounts.addUser("ann");
  await accounts.addUser("bob");
  assert.equal(await accounts.lookUp("bob", ann).verify(), undefined);
});

Deno.test("keys go with their user", async () => {
  using accounts = openAccounts(":memory:", { cost });
  const key = await accounts.addUser("ann");
  await accounts.removeUser("ann");
  await accounts.addUser("ann");
  assert.equal(await accounts.lookUp("ann", key).verify(), undefined);
  assert.equal(accounts.listKeys("ann").length, 1);
});

/** What happens to a key while its slow hash is compared, and it must not open anything afterwards. */
const CHANGES: Readonly<
  Record<string, (accounts: Accounts) => Promise<unknown>>
> = {
  "is revoked": (accounts) => accounts.revokeKey("ann", "default"),
  "goes with its user": (accounts) => accounts.removeUser("ann"),
  "goes with its user, who is added again": async (accounts) => {
    await accounts.removeUser("ann");
    await accounts.addUser("ann");
  },
  "is made anew under its name": async (accounts) => {
    await accounts.revokeKey("ann", "default");
    await accounts.addKey("ann", { name: "default" });
  },
};

for (const [what, happen] of Object.entries(CHANGES)) {
  Deno.test(`a key that ${what} while it is compared is refused`, async () => {
    using accounts = openAccounts(":memory:", { cost });
    await accounts.addUser("root");
    await accounts.bootstrap([{ name: "ann", key: "s3cr3t" }]);

    const both = [1, 2].map(() => accounts.lookUp("ann", "s3cr3t").verify());
    const changed = happen(accounts);

    assert.deepEqual(await Promise.all(both), [undefined, undefined]);
    await changed;
    assert.equal(accounts.lookUp("ann", "s3cr3t").cached(), undefined);
  });
}

Deno.test("a key that expires while it is compared is refused", async () => {
  let now = 1_000;
  using world = await tableWithAnn(() => now);
  const { sql, table } = world;
  const hash = await hashAccessKey("s3cr3t", cost);
  await sql.transaction(() => table.put("ann", "default", hash));
  await sql.transaction(() =>
    change("UPDATE access_keys SET expires_at = 2000")
  );
  assert.ok(await table.lookUp("ann", "s3cr3t").verify());

  const comparing = table.lookUp("ann", "s3cr3t").verify();
  now = 2_000;

  assert.equal(await comparing, undefined);
});

Deno.test("a key that the program made is recognised without slow work, and only with its hint", async () => {
  using accounts = openAccounts(":memory:", { cost });
  const key = await accounts.addUser("ann");
  await accounts.bootstrap([{ name: "bob", key: "s3cr3t" }]);
  const before = accounts.hashCount;

  const found = accounts.lookUp("ann", key);
  assert.ok(found.isGenerated);
  assert.equal(found.cached()?.name, "default");
  assert.equal((await found.verify())?.name, "default");
  assert.equal(accounts.hashCount, before);
  assert.ok(!accounts.lookUp("ann", `${key}0`).isGenerated);
  assert.ok(!accounts.lookUp("bob", key).isGenerated);
  assert.ok(!accounts.lookUp("nobody", key).isGenerated);
});

Deno.test("a chosen key is remembered after it was right once, and a wrong one never", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.bootstrap([{ name: "ann", key: "s3cr3t" }]);
  assert.equal(accounts.lookUp("ann", "s3cr3t").cached(), undefined);

  await accounts.lookUp("ann", "s3cr3t").verify();
  await accounts.lookUp("ann", "wrong").verify();

  assert.equal(accounts.lookUp("ann", "s3cr3t").cached()?.name, "default");
  assert.equal(accounts.lookUp("ann", "wrong").cached(), undefined);
  assert.equal(accounts.lookUp("bob", "s3cr3t").cached(), undefined);
});

Deno.test("a made key that an earlier version hashed slowly is still one, after one hash", async () => {
  using world = await tableWithAnn(Date.now);
  const { sql, table } = world;
  const hash = await hashAccessKey("chosen", cost);
  await sql.transaction(() => table.put("ann", "default", hash));
  const key = await sql.transaction(() => table.add("ann", { name: "ci" }));
  const slow = await hashAccessKey(key, cost);
  await sql.transaction(() =>
    change("UPDATE access_keys SET hash = ?1 WHERE name = 'ci'", slow)
  );
  const before = table.hashCount;

  const found = table.lookUp("ann", key);
  assert.ok(found.isGenerated);
  assert.equal(found.cached(), undefined);
  assert.equal((await found.verify())?.name, "ci");

  assert.equal(table.hashCount - before, 1);
  assert.equal(table.lookUp("ann", key).cached()?.name, "ci");
});

Deno.test("making keys and users is fast", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.addUser("ann");
  for (let count = 0; count < 20; count += 1) {
    await accounts.addKey("ann", { name: `${count}` });
    await accounts.addUser(`user-${count}`);
  }

  assert.equal(accounts.hashCount, 0);
  await accounts.bootstrap([{ name: "bob", key: "s3cr3t" }]);
  assert.equal(accounts.hashCount, 1);
});

Deno.test("what cannot be a key is refused with what to do", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.addUser("ann");
  await assert.rejects(() => accounts.addKey("bob", { name: "ci" }), {
    code: "noSuchUser",
    message: 'Cannot find user "bob": add it with "sallyport user add bob"',
  });
  await assert.rejects(() => accounts.addKey("ann", { name: "default" }), {
    code: "nameTaken",
  });
  await assert.rejects(() => accounts.addKey("ann", { name: "a b" }), {
    code: "nameInvalid",
  });
  for (let count = 1; count < 100; count += 1) {
    await accounts.addKey("ann", { name: `${count}` });
  }
  await assert.rejects(() => accounts.addKey("ann", { name: "more" }), {
    code: "tooManyKeys",
    message: 'Cannot add key "more": "ann" has 100 keys, revoke one first',
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
    assert.ok(await accounts.lookUp("ann", "s3cr3t").verify());
    assert.equal(await accounts.lookUp("ann", "other").verify(), undefined);
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
