import assert from "node:assert/strict";
import { join } from "node:path";

import { databasePath } from "../../../src/config/data_dir.ts";
import { openAccounts } from "../../../src/server/accounts/accounts.ts";
import { type Outcome, sallyport } from "../harness.ts";

async function withUser(
  test: (
    key: (...args: readonly string[]) => Promise<Outcome>,
    dataDir: string,
  ) => Promise<void>,
): Promise<void> {
  const parent = await Deno.makeTempDir();
  const dataDir = join(parent, "data");
  const ask = (...args: readonly string[]) =>
    sallyport([...args, "--data-dir", dataDir]);
  try {
    await ask("user", "add", "jane");
    await test((...args) => ask("key", ...args), dataDir);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

Deno.test("key create prints a key that works until it is revoked", async () => {
  await withUser(async (key, dataDir) => {
    const { code, stdout, stderr } = await key("create", "jane", "ci");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^\S+\n$/);
    using accounts = openAccounts(databasePath(dataDir));
    assert(await accounts.lookUp("jane", stdout.trim()).verify());

    const revoked = await key("revoke", "jane", "ci");

    assert.equal(revoked.stdout, "revoked ci of jane\n");
    assert(!await accounts.lookUp("jane", stdout.trim()).verify());
  });
});

Deno.test("key list tells when keys were made, expire and were used, and no key", async () => {
  await withUser(async (key) => {
    const { stdout } = await key("create", "jane", "ci", "--expires-in=1h");
    const listed = await key("list", "jane");
    const [ci, first] = JSON.parse(
      (await key("list", "jane", "--json")).stdout,
    );

    assert.match(
      listed.stdout,
      /^NAME +CREATED +EXPIRES +LAST USE +SCOPE\nci +\S+Z +\S+Z +- +all\ndefault +\S+Z +- +- +all\n$/,
    );
    assert(!listed.stdout.includes(stdout.trim()));
    const minutes = (Date.parse(ci.expires) - Date.parse(ci.created)) / 60_000;
    assert.equal(Math.round(minutes), 60);
    assert.deepEqual({ ...first, created: "" }, {
      name: "default",
      created: "",
      expires: null,
      last_use: null,
      scope: "all",
    });
  });
});

Deno.test("key create gives a key the wanted scope", async () => {
  await withUser(async (key, dataDir) => {
    const { stdout } = await key("create", "jane", "ci", "--scope=use");

    using accounts = openAccounts(databasePath(dataDir));
    const made = await accounts.lookUp("jane", stdout.trim()).verify();
    assert.deepEqual([made?.name, made?.scope], ["ci", "use"]);
    assert.match((await key("list", "jane")).stdout, /\nci .* use\n/);
  });
});

Deno.test("key rotate replaces a key, and keeps its name, scope and lifetime", async () => {
  await withUser(async (key, dataDir) => {
    const made = await key(
      ...["create", "jane", "ci", "--scope=use", "--expires-in=1h"],
    );

    const { code, stdout } = await key("rotate", "jane", "ci");
    const missing = await key("rotate", "jane", "nope");
    const listed = await key("list", "jane", "--json");

    assert.equal(code, 0);
    using accounts = openAccounts(databasePath(dataDir));
    assert(!await accounts.lookUp("jane", made.stdout.trim()).verify());
    assert(await accounts.lookUp("jane", stdout.trim()).verify());
    const [ci] = JSON.parse(listed.stdout);
    const minutes = (Date.parse(ci.expires) - Date.parse(ci.created)) / 60_000;
    assert.equal(Math.round(minutes), 60);
    assert.equal(ci.scope, "use");
    assert.equal(
      missing.stderr,
      'sallyport: Cannot rotate key "nope" of "jane": no such key, see ' +
        '"sallyport key list jane"\n',
    );
  });
});

const MISTAKES: readonly (readonly [string[], string])[] = [
  [
    [],
    'Cannot change keys: the subcommand is missing, use "sallyport key create|list|revoke|rotate"',
  ],
  [
    ["create"],
    'Cannot change keys: the user is missing, use "sallyport key create <user> <name>"',
  ],
  [
    ["revoke", "jane"],
    'Cannot change keys: the key is missing, use "sallyport key revoke <user> <name>"',
  ],
  [
    ["list", "jane", "ci"],
    'Cannot use "ci": unexpected argument, see --help',
  ],
  [
    ["list", "joe"],
    'Cannot find user "joe": add it with "sallyport user add joe"',
  ],
  [
    ["revoke", "jane", "ci"],
    'Cannot revoke key "ci" of "jane": no such key, see "sallyport key list jane"',
  ],
  [
    ["create", "jane", "ci", "--expires-in=0s"],
    'Cannot use "0s" as --expires-in: expected a duration above 0s',
  ],
  [
    ["create", "jane", "ci", "--scope=more"],
    'Cannot use "more" as --scope: expected all, start, use or read',
  ],
];

for (const [args, line] of MISTAKES) {
  Deno.test(`"key ${args.join(" ")}" prints one line`, async () => {
    await withUser(async (key) => {
      const stderr = `sallyport: ${line}\n`;
      assert.deepEqual(await key(...args), { code: 1, stdout: "", stderr });
    });
  });
}
