import assert from "node:assert/strict";
import { join } from "node:path";

import { databasePath } from "../../../src/config/data_dir.ts";
import { openAccounts } from "../../../src/server/accounts/accounts.ts";
import { type Outcome, sallyport } from "../harness.ts";

type Ask = (...args: readonly string[]) => Promise<Outcome>;

async function withDataDir(test: (ask: Ask) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir();
  const dataDir = join(parent, "data");
  openAccounts(databasePath(dataDir))[Symbol.dispose]();
  try {
    await test((...args) => sallyport([...args, "--data-dir", dataDir]));
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

async function rowsOf(ask: Ask): Promise<readonly string[]> {
  const { stdout } = await ask("org", "list");
  return stdout.trimEnd().split("\n").slice(1)
    .map((line) => line.split(/ +/).toSpliced(1, 1).join(" "));
}

Deno.test("org creates, limits and removes organizations, and lists what they have", async () => {
  await withDataDir(async (ask) => {
    assert.deepEqual(await rowsOf(ask), ["default 0 -"]);

    await ask("org", "create", "acme", "--max-tunnels=5");
    await ask("user", "add", "jane", "--org=acme");
    assert.deepEqual(await rowsOf(ask), ["acme 1 5", "default 0 -"]);
    await ask("org", "set", "default", "--max-tunnels=0");
    const { stdout } = await ask("org", "set", "acme", "--max-tunnels=none");
    assert.equal(stdout, "changed acme\n");
    assert.deepEqual(await rowsOf(ask), ["acme 1 -", "default 0 0"]);
    await ask("user", "remove", "jane");
    const removed = await ask("org", "remove", "acme");

    assert.equal(removed.stdout, "removed acme\n");
    assert.deepEqual(await rowsOf(ask), ["default 0 0"]);
  });
});

Deno.test("audit shows what was done at the command line, for a user and since a time", async () => {
  await withDataDir(async (ask) => {
    await ask("user", "add", "jane");
    await ask("user", "add", "joe");
    const { stdout: key } = await ask("key", "create", "joe", "ci");
    await ask("key", "revoke", "joe", "ci");
    await ask("user", "set", "joe", "--role=admin");
    await ask("user", "remove", "joe");

    const all = await ask("audit");
    const ofJane = await ask("audit", "--user=jane");
    const nothing = await ask("audit", "--org=acme");

    assert.deepEqual(
      all.stdout.trimEnd().split("\n").slice(1).map((line) =>
        line.split(/ {2,}/).slice(1).join(" ")
      ),
      [
        "(operator) - - user_added jane - admin of default",
        "(operator) - - user_added joe - member of default",
        "(operator) - - key_created joe ci all",
        "(operator) - - key_revoked joe ci -",
        "(operator) - - user_changed joe - member of default → admin of default",
        "(operator) - - user_removed joe - -",
      ],
    );
    assert(!all.stdout.includes(key.trim()));
    assert.match(
      ofJane.stdout,
      /^TIME .*\n\S+Z +\(operator\) +- +- +user_added +jane/,
    );
    assert.match(nothing.stdout, /^TIME [^\n]*\n$/);
  });
});

Deno.test("audit shows changes of organizations, also with --org", async () => {
  await withDataDir(async (ask) => {
    await ask("org", "create", "acme", "--max-tunnels=5");
    await ask("org", "create", "other");
    await ask("user", "add", "jane", "--org=acme");
    await ask("org", "set", "acme", "--max-tunnels=none");
    await ask("org", "set", "acme", "--max-tunnels=7");
    await ask("user", "set", "jane", "--org=default", "--role=admin");
    await ask("org", "remove", "acme");
    const rows = async (...args: readonly string[]) =>
      (await ask("audit", ...args)).stdout.trimEnd().split("\n").slice(1)
        .map((line) => line.split(/ {2,}/).slice(4).join(" "));

    assert.deepEqual(await rows("--org=acme"), [
      "organization_created - acme max-tunnels 5",
      "user_added jane - admin of acme",
      "organization_changed - acme max-tunnels 5 → none",
      "organization_changed - acme max-tunnels none → 7",
      "user_changed jane - admin of acme → admin of default",
      "organization_removed - acme -",
    ]);
    assert.deepEqual(await rows("--org=other"), [
      "organization_created - other max-tunnels none",
    ]);
    const all = await ask("audit");
    assert.match(
      all.stdout,
      /\n\S+Z +\(operator\) +- +- +organization_created +/,
    );
  });
});

const MISTAKES: readonly (readonly [string[], string])[] = [
  [
    ["org"],
    'Cannot change organizations: the subcommand is missing, use "sallyport org create|list|set|remove"',
  ],
  [
    ["org", "create"],
    'Cannot change organizations: the organization is missing, use "sallyport org create <name>"',
  ],
  [
    ["org", "create", "default"],
    'Cannot add organization "default": the name is taken',
  ],
  [
    ["org", "create", "a b"],
    'Cannot add organization "a b": a name has 1 to 64 letters, digits or . _ -',
  ],
  [
    ["org", "create", "a", "b"],
    'Cannot use "b": unexpected argument, see --help',
  ],
  [
    ["org", "create", "a", "--max-tunnels=many"],
    'Cannot use "many" as --max-tunnels: expected a whole number, or none',
  ],
  [
    ["org", "set", "default"],
    'Cannot change organizations: the change is missing, use "sallyport org set default --max-tunnels 20"',
  ],
  [
    ["org", "set", "acme", "--max-tunnels=1"],
    'Cannot find organization "acme": create it with "sallyport org create acme"',
  ],
  [
    ["org", "remove", "acme"],
    'Cannot find organization "acme": create it with "sallyport org create acme"',
  ],
  [
    ["org", "remove", "default"],
    'Cannot remove organization "default": it is the default for new users',
  ],
  [["audit", "all"], 'Cannot use "all": unexpected argument, see --help'],
];

for (const [args, line] of MISTAKES) {
  Deno.test(`"${args.join(" ")}" prints one line`, async () => {
    await withDataDir(async (ask) => {
      const stderr = `sallyport: ${line}\n`;
      assert.deepEqual(await ask(...args), { code: 1, stdout: "", stderr });
    });
  });
}

Deno.test("org remove leaves an organization that has users", async () => {
  await withDataDir(async (ask) => {
    await ask("org", "create", "acme");
    await ask("user", "add", "jane", "--org=acme");

    const { code, stderr } = await ask("org", "remove", "acme");

    assert.equal(code, 1);
    assert.equal(
      stderr,
      'sallyport: Cannot remove organization "acme": it has users (1), remove or move them first\n',
    );
  });
});
