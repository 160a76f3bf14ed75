import assert from "node:assert/strict";
import { join } from "node:path";

import { databasePath } from "../../../src/config/data_dir.ts";
import { openAccounts } from "../../../src/server/accounts/accounts.ts";
import { type Outcome, sallyport } from "../harness.ts";

async function withDataDir(
  test: (
    user: (...args: readonly string[]) => Promise<Outcome>,
    dataDir: string,
  ) => Promise<void>,
): Promise<void> {
  const parent = await Deno.makeTempDir();
  const dataDir = join(parent, "data");
  openAccounts(databasePath(dataDir))[Symbol.dispose]();
  try {
    await test(
      (...args) => sallyport(["user", ...args, "--data-dir", dataDir]),
      dataDir,
    );
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

Deno.test("user add prints a key that works, and only that", async () => {
  await withDataDir(async (user, dataDir) => {
    const { code, stdout, stderr } = await user("add", "jane");

    using accounts = openAccounts(databasePath(dataDir));
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^\S+\n$/);
    assert(await accounts.lookUp("jane", stdout.trim()).verify());
  });
});

Deno.test("user list and user remove show and change who there is", async () => {
  await withDataDir(async (user) => {
    const { stdout: key } = await user("add", "jane");
    await user("add", "joe");

    const both = await user("list");
    const removed = await user("remove", "joe");
    const one = await user("list");

    assert.match(
      both.stdout,
      /^NAME +CREATED +ROLE +ORGANIZATION +TEAM +STATE\njane +\d{4}-.*Z +admin +default +- +-\njoe +\d{4}-.*Z +member +default +- +-\n$/,
    );
    assert(!both.stdout.includes(key.trim()));
    assert.deepEqual(removed, { code: 0, stdout: "removed joe\n", stderr: "" });
    assert.match(one.stdout, /^NAME.*\njane .*\n$/);
  });
});

Deno.test("user add and user set say where users belong and what they are there", async () => {
  await withDataDir(async (user, dataDir) => {
    {
      using accounts = openAccounts(databasePath(dataDir));
      await accounts.organizations.add("acme");
    }
    await user("add", "jane");
    await user("add", "ci", "--org=acme", "--team=web", "--role=service");
    const placesOf = async (...args: readonly string[]) =>
      (await user("list", ...args)).stdout.trimEnd().split("\n").slice(1)
        .map((line) => line.split(/ +/).toSpliced(1, 1).join(" "));
    assert.deepEqual(await placesOf(), [
      "ci service acme web -",
      "jane admin default - -",
    ]);

    await user("add", "joe", "--role=admin");
    const changed = await user("set", "jane", "--role=team-admin", "--team=a");
    assert.equal(changed.stdout, "changed jane\n");
    assert.deepEqual(await placesOf("--org=default"), [
      "jane team-admin default a -",
      "joe admin default - -",
    ]);
    await user("set", "jane", "--team=none");
    assert.deepEqual(await placesOf("--org=default"), [
      "jane team-admin default - -",
      "joe admin default - -",
    ]);
    await user("set", "jane", "--org=acme");

    assert.deepEqual(await placesOf("--org=default"), [
      "joe admin default - -",
    ]);
    assert.deepEqual(await placesOf("--org=acme"), [
      "ci service acme web -",
      "jane member acme - -",
    ]);
  });
});

Deno.test("user set and user remove leave people their only admin", async () => {
  await withDataDir(async (user) => {
    await user("add", "jane");
    await user("add", "joe");

    for (
      const [verb, args] of [
        ["change", ["set", "jane", "--role=member"]],
        ["remove", ["remove", "jane"]],
      ] as const
    ) {
      assert.deepEqual(await user(...args), {
        code: 1,
        stdout: "",
        stderr:
          `sallyport: Cannot ${verb} user "jane": organization "default" has no other admin, appoint one first with "sallyport user set NAME --role admin"\n`,
      });
    }
  });
});

const MISTAKES = [
  [
    [],
    'the subcommand is missing, use "sallyport user add|list|set|disable|enable|remove"',
  ],
  [["set"], 'the user is missing, use "sallyport user set <name>"'],
  [
    ["set", "x", "--role=king"],
    "expected admin, team-admin, member or service",
  ],
  [
    ["set", "x"],
    'the change is missing, use "sallyport user set x --role member"',
  ],
  [["set", "x", "--role=admin"], 'add it with "sallyport user add x"'],
  [["add", "x", "--org=y"], 'create it with "sallyport org create y"'],
  [["add", "x", "--team=a b"], "expected 1 to 64 letters, digits or . _ -"],
  [["add"], 'the user is missing, use "sallyport user add <name>"'],
  [["ad", "x"], 'unexpected argument, did you mean "add"?'],
  [["list", "x"], "unexpected argument, see --help"],
  [["add", "x", "y"], "unexpected argument, see --help"],
  [["add", "a b"], "a name has 1 to 64 letters, digits or . _ - @"],
  [["remove", "x"], 'no such user, see "sallyport user list"'],
] as const;

for (const [args, line] of MISTAKES) {
  Deno.test(`"user ${args.join(" ")}" prints one line and exits with 1`, async () => {
    await withDataDir(async (user) => {
      const { code, stdout, stderr } = await user(...args);

      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(stderr, /^sallyport: Cannot .*\n$/);
      assert(stderr.endsWith(`: ${line}\n`), stderr);
    });
  });
}

Deno.test("user exits with 1 when the data directory cannot be used", async () => {
  const file = await Deno.makeTempFile();
  const { code, stderr } = await sallyport([
    "user",
    "list",
    "--data-dir",
    file,
  ]);
  await Deno.remove(file);

  assert.equal(code, 1);
  assert.match(stderr, /^sallyport: Cannot open the database .*\n$/);
});
