import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  AccountError,
  type Accounts,
  openAccounts,
} from "../../../src/server/accounts/accounts.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const CHILD = fileURLToPath(new URL("../accounts_child.ts", import.meta.url));

function inMemory(): Accounts {
  return openAccounts(":memory:", { cost: CHEAP });
}

async function withFolder(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function child(...args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", CHILD, ...args],
    stdout: "piped",
    stderr: "inherit",
  });
}

Deno.test("addUser() gives a key that verifies, for that user only", async () => {
  using accounts = inMemory();

  const key = await accounts.addUser("ann");
  await accounts.addUser("bob");

  assert.match(key, /^[0-9a-f-]{36}$/);
  assert.ok(await accounts.lookUp("ann", key).verify());
  assert.ok(await accounts.lookUp("ann", key).verify(), "from memory too");
  assert.equal(await accounts.lookUp("bob", key).verify(), undefined);
  assert.equal(await accounts.lookUp("ANN", key).verify(), undefined);
  assert.equal(await accounts.lookUp("ann", key.slice(1)).verify(), undefined);
  assert.equal(await accounts.lookUp("ann", "").verify(), undefined);
  assert.equal(await accounts.lookUp("nobody", key).verify(), undefined);
});

Deno.test("addUser() refuses a name that is taken and keeps its key", async () => {
  using accounts = inMemory();
  const key = await accounts.addUser("ann");

  await assert.rejects(
    () => accounts.addUser("ann"),
    (error) => error instanceof AccountError && error.code === "nameTaken",
  );

  assert.ok(await accounts.lookUp("ann", key).verify());
});

for (
  const name of [
    "",
    "a b",
    "a:b",
    "a+b",
    "a/b",
    "ä",
    "x".repeat(65),
    "public",
    ".",
    "..",
  ]
) {
  Deno.test(`addUser() refuses the name "${name.slice(0, 10)}" of ${name.length} characters`, async () => {
    using accounts = inMemory();

    await assert.rejects(
      () => accounts.addUser(name),
      (error) => error instanceof AccountError && error.code === "nameInvalid",
    );

    assert.deepEqual(accounts.listUsers(), []);
  });
}

Deno.test("addUser() takes all characters that names may have", async () => {
  using accounts = inMemory();

  await accounts.addUser("Az09._-@");
  await accounts.addUser("x".repeat(64));

  assert.equal(accounts.listUsers().length, 2);
});

Deno.test("listUsers() gives names in order and no keys", async () => {
  using accounts = inMemory();
  await accounts.addUser("bob");
  await accounts.addUser("ann");

  const users = accounts.listUsers();

  assert.deepEqual(users.map((user) => user.name), ["ann", "bob"]);
  assert.deepEqual(Object.keys(users[0] ?? {}), [
    "name",
    "createdAt",
    "organization",
    "team",
    "role",
  ]);
});

Deno.test("removeUser() takes effect at once, even for a key just verified", async () => {
  using accounts = inMemory();
  const key = await accounts.addUser("ann");
  assert.ok(await accounts.lookUp("ann", key).verify());

  assert.equal(await accounts.removeUser("ann"), true);

  assert.equal(await accounts.lookUp("ann", key).verify(), undefined);
  assert.equal(await accounts.removeUser("ann"), false);
});

Deno.test("bootstrap() adds and changes users, and may be repeated", async () => {
  using accounts = inMemory();
  await accounts.addUser("kept");
  await accounts.bootstrap([{ name: "ann", key: "first" }]);

  await accounts.bootstrap([{ name: "ann", key: "second" }, {
    name: "bob",
    key: "b",
  }]);
  await accounts.bootstrap([{ name: "ann", key: "second" }]);

  assert.equal(await accounts.lookUp("ann", "first").verify(), undefined);
  assert.ok(await accounts.lookUp("ann", "second").verify());
  assert.ok(await accounts.lookUp("bob", "b").verify());
  assert.equal(accounts.listUsers().length, 3);
});

Deno.test("bootstrap() with one bad user changes nothing", async () => {
  using accounts = inMemory();

  await assert.rejects(
    accounts.bootstrap([{ name: "ann", key: "good" }, {
      name: "bob",
      key: "",
    }]),
    (error) => error instanceof AccountError && error.code === "keyInvalid",
  );

  assert.deepEqual(accounts.listUsers(), []);
});

Deno.test("a wrong key costs one slow hash, for whatever user", async () => {
  using accounts = openAccounts(":memory:", { cost: CHEAP });
  const made = await accounts.addUser("made");
  await accounts.bootstrap([
    { name: "chosen", key: "secret" },
    { name: "both", key: "secret" },
  ]);
  await accounts.addKey("both", { name: "ci" });
  const before = accounts.hashCount;

  for (const name of ["made", "chosen", "both", "nobody"]) {
    const start = accounts.hashCount;
    await accounts.lookUp(name, "wrong").verify();
    assert.equal(accounts.hashCount - start, 1, name);
    await accounts.lookUp(name, "wrong").verify();
    assert.equal(accounts.hashCount - start, 2, `${name} again`);
    await accounts.lookUp(name, `${made}x`).verify();
    assert.equal(accounts.hashCount - start, 3, `${name}, as long as a key`);
  }
  assert.equal(accounts.hashCount - before, 12);
});

Deno.test("the same wrong key of several users at the same moment costs one slow hash for each", async () => {
  using accounts = openAccounts(":memory:", { cost: CHEAP });
  await accounts.addUser("made");
  await accounts.bootstrap([{ name: "chosen", key: "secret" }]);
  const pairs = [["nobody", "no-one"], ["made", "nobody"], ["chosen", "made"]];

  for (const names of pairs) {
    const before = accounts.hashCount;
    await Promise.all(
      names.map((name) => accounts.lookUp(name, "wrong").verify()),
    );
    assert.equal(accounts.hashCount - before, 2, names.join());
  }
});

Deno.test("the database holds no key and is readable by its owner only", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/data/sallyport.db`;
    using accounts = openAccounts(file, { cost: CHEAP });
    const key = await accounts.addUser("ann");

    for await (const { name } of Deno.readDir(`${folder}/data`)) {
      const path = `${folder}/data/${name}`;
      const bytes = new TextDecoder("latin1").decode(await Deno.readFile(path));
      assert.ok(!bytes.includes(key), `${name} has the key`);
      if (Deno.build.os === "windows") continue;
      const { mode } = await Deno.stat(path);
      assert.equal((mode ?? 0) & 0o777, 0o600, `${name}`);
    }
  });
});

Deno.test("a user that another process adds or removes counts at once", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/sallyport.db`;
    using accounts = openAccounts(file, { cost: CHEAP });

    const { stdout } = await child(file, "add", "ann").output();
    const key = new TextDecoder().decode(stdout).trim();
    assert.ok(await accounts.lookUp("ann", key).verify());

    using other = openAccounts(file, { cost: CHEAP });
    await other.removeUser("ann");
    assert.equal(await accounts.lookUp("ann", key).verify(), undefined);
  });
});

/** Reads lines until there are so many, and then kills the process. */
async function linesBeforeKill(
  command: Deno.Command,
  count: number,
): Promise<readonly string[]> {
  await using process = command.spawn();
  const lines: string[] = [];
  let rest = "";
  for await (
    const text of process.stdout.pipeThrough(new TextDecoderStream())
  ) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    if (lines.length >= count) break;
  }
  process.kill("SIGKILL");
  await process.status;
  return lines;
}

Deno.test("users whose keys were printed survive a kill -9 of the process that adds them", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/sallyport.db`;
    const printed = await linesBeforeKill(child(file, "flood"), 20);

    using accounts = openAccounts(file, { cost: CHEAP });
    for (const line of printed) {
      const [name = "", key = ""] = line.split(" ");
      assert.ok(await accounts.lookUp(name, key).verify(), name);
    }
    await accounts.addUser("after");
  });
});

/** Users and keys that there must be by the audit log. */
async function byAudit(
  accounts: Accounts,
): Promise<ReadonlySet<string>> {
  const there = new Set<string>();
  const entries = (await accounts.audit.read({ limit: 100_000 })).toReversed();
  for (const { action, user, object } of entries) {
    if (action === "user_added") there.add(user).add(`${user}/default`);
    if (action === "key_created") there.add(`${user}/${object}`);
    if (action === "key_revoked") there.delete(`${user}/${object}`);
    if (action !== "user_removed") continue;
    for (const each of there) {
      if (each === user || each.startsWith(`${user}/`)) there.delete(each);
    }
  }
  return there;
}

Deno.test("after a kill -9 in the middle of changes, users and keys are as the audit log says, and printed keys work", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/sallyport.db`;
    for (const [round, count] of [3, 7, 5].entries()) {
      const command = child(file, "churn", `round${round}-`);
      const lines = await linesBeforeKill(command, count);

      using accounts = openAccounts(file, { cost: CHEAP });
      for (const line of lines) {
        const [user = "", name, key = ""] = line.split(" ");
        const verified = await accounts.lookUp(user, key).verify();
        assert.deepEqual([verified?.name, verified?.scope], [name, "read"]);
      }
      const there = accounts.listUsers().flatMap(({ name }) => [
        name,
        ...accounts.listKeys(name).map((key) => `${name}/${key.name}`),
      ]);
      assert.deepEqual(new Set(there), await byAudit(accounts));
    }
  });
});

Deno.test("processes that add the first users at the same time all succeed", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/sallyport.db`;
    const names = ["ann", "bob", "eve", "joe"];

    const outputs = await Promise.all(
      names.map((name) => child(file, "add", name).output()),
    );

    using accounts = openAccounts(file, { cost: CHEAP });
    for (const [at, { stdout }] of outputs.entries()) {
      const key = new TextDecoder().decode(stdout).trim();
      assert.ok(await accounts.lookUp(names[at] ?? "", key).verify());
    }
  });
});
