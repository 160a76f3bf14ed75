import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { hashAccessKey } from "../../../src/server/accounts/access_key.ts";
import { openSqlite } from "../../../src/store/sqlite.ts";
import {
  MAX_USERS,
  UserTable,
} from "../../../src/server/accounts/user_table.ts";
import { openAccounts } from "../../../src/server/accounts/accounts.ts";

const cost = { cost: 2, blockSize: 1, parallelization: 1 } as const;

Deno.test("the first user of each organization is its admin, unless something else is said", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.organizations.add("acme");
  await accounts.organizations.add("bots");

  await accounts.bootstrap([
    { name: "ann", key: "a" },
    { name: "bob", key: "b" },
  ]);
  await accounts.addUser("carl", { organization: "acme" });
  await accounts.addUser("dora", { organization: "acme" });
  await accounts.addUser("ci", { organization: "bots", role: "service" });
  await accounts.addUser("eve", { organization: "bots" });

  const roles = accounts.listUsers().map(({ name, role }) => `${name} ${role}`);
  assert.deepEqual(roles, [
    "ann admin",
    "bob member",
    "carl admin",
    "ci service",
    "dora member",
    "eve member",
  ]);
});

Deno.test("an admin who moves to another organization is a member there", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.organizations.add("acme");
  await accounts.addUser("ann", { team: "web" });

  await accounts.setMembership("ann", { organization: "acme" });

  const { organization, team, role } = accounts.findUser("ann") ?? {};
  assert.deepEqual([organization, team, role], ["acme", undefined, "member"]);
});

Deno.test("setMembership() changes nothing when the organization does not exist", async () => {
  using accounts = openAccounts(":memory:", { cost });
  await accounts.addUser("ann");
  const before = accounts.findUser("ann");

  await assert.rejects(
    () => accounts.setMembership("ann", { organization: "acme" }),
    {
      code: "noSuchOrganization",
      message:
        'Cannot find organization "acme": create it with "sallyport org create acme"',
    },
  );

  assert.deepEqual(accounts.findUser("ann"), before);
  assert.equal((await accounts.audit.read({ limit: 9 })).length, 1);
});

Deno.test("an organization has so many users", async () => {
  using sql = openSqlite(":memory:");
  const table = new UserTable(() => 0);
  await sql.transaction(function* () {
    for (let count = 0; count < MAX_USERS; count += 1) {
      yield* table.add(`u${count}`);
    }
  });

  await assert.rejects(sql.transaction(() => table.add("more")), {
    code: "tooManyUsers",
    message:
      'Cannot add user "more": organization "default" has 10000 users, remove one first',
  });
});

for (const name of [".", "..", "", "a/b", "x".repeat(65)]) {
  Deno.test(`"${name.slice(0, 9)}" is the name of no team, key or organization`, async () => {
    using accounts = openAccounts(":memory:", { cost });
    await accounts.addUser("ann");
    const invalid = { code: "nameInvalid" };

    await assert.rejects(() => accounts.organizations.add(name), invalid);
    await assert.rejects(
      () => accounts.setMembership("ann", { team: name }),
      invalid,
    );
    await assert.rejects(() => accounts.addKey("ann", { name }), invalid);
  });
}

/** A database as the version before organizations left it. */
async function oldDatabase(
  path: string,
  names: readonly string[],
): Promise<void> {
  using old = new DatabaseSync(path);
  old.exec(`
    CREATE TABLE users (
      name TEXT PRIMARY KEY NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tunnels (
      id TEXT PRIMARY KEY NOT NULL,
      spec TEXT NOT NULL,
      token_hash BLOB NOT NULL,
      password_hash BLOB NOT NULL,
      created_at INTEGER NOT NULL,
      launched_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE access_keys (
      user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
      name TEXT NOT NULL,
      hash TEXT NOT NULL,
      hint BLOB,
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      last_used_at INTEGER,
      PRIMARY KEY (user, name)
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 3`);
  for (const name of names) {
    old.prepare("INSERT INTO users VALUES (?, 7)").run(name);
    old.prepare("INSERT INTO access_keys VALUES (?, 'ci', ?, NULL, 7, NULL, 8)")
      .run(name, await hashAccessKey(`${name}-key`, cost));
  }
}

for (
  const [names, roles] of [
    [["ann"], ["admin"]],
    [["ann", "bob"], ["member", "member"]],
  ] as const
) {
  Deno.test(`a database from before there were organizations keeps its users (${names.length}) and keys`, async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/sallyport.db`;
    await oldDatabase(path, names);
    {
      using accounts = openAccounts(path, { cost });
      for (const [at, name] of names.entries()) {
        assert.deepEqual(accounts.findUser(name), {
          name,
          createdAt: 7,
          organization: "default",
          team: undefined,
          role: roles[at],
        });
        const [key = assert.fail(), ...others] = accounts.listKeys(name);
        assert.deepEqual(others, []);
        assert.deepEqual(key, {
          id: key.id,
          name: "ci",
          scope: "all",
          createdAt: 7,
          expiresAt: undefined,
          lastUsedAt: 8,
        });
        assert.ok(await accounts.lookUp(name, `${name}-key`).verify());
      }
      await accounts.removeUser("ann");
      assert.equal(accounts.findKey("ann", "ci"), undefined, "keys go along");
    }
    await Deno.remove(folder, { recursive: true });
  });
}
