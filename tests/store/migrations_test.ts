/**
 * Databases of every earlier version, as programs of their time left them, open
 * in the program of today with all that was in them.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  type Accounts,
  openAccounts,
} from "../../src/server/accounts/accounts.ts";
import { PortLeases } from "../../src/server/proxy/port_leases.ts";
import { openDatabase } from "../../src/store/database.ts";
import { MIGRATIONS } from "../../src/store/migrations.ts";
import { TunnelStore } from "../../src/server/tunnels/tunnel_store.ts";

/** The version of the program of today, and all before. */
const VERSIONS = MIGRATIONS.map((_, index) => index + 1);
/** What a user chose, and what a program generated. */
const KEYS = {
  ann: "ann-chosen-key",
  bob: "6f1c0e6e-7d3b-4c57-9d52-0f6a4b1f2c3d",
} as const;
const HASHING = { network: "", isPreferred: true } as const;

function textOf(version: number): Promise<string> {
  const url = new URL(`schemas/version_${version}.sql`, import.meta.url);
  return Deno.readTextFile(url);
}

/** Runs `look` with the path of a database of this version. */
async function withDatabase(
  version: number,
  look: (path: string) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/sallyport.db`;
    {
      using database = new DatabaseSync(path);
      database.exec(await textOf(version));
    }
    await look(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Tables, their columns, and indexes, without the way they are written. */
function shapeOf(database: DatabaseSync): unknown {
  const objects = database.prepare(
    "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
  ).all();
  return objects.map(({ type, name }) => {
    const about = type === "table" ? "table_xinfo" : "index_xinfo";
    return {
      ...{ type, name },
      parts: database.prepare(`PRAGMA ${about}("${name}")`).all(),
      references: database.prepare(`PRAGMA foreign_key_list("${name}")`).all(),
    };
  });
}

async function accepts(
  accounts: Accounts,
  user: keyof typeof KEYS,
): Promise<string | undefined> {
  const found = await accounts.lookUp(user, KEYS[user]).verify(HASHING);
  return found?.name;
}

Deno.test("there is a database of every version", async () => {
  const found: string[] = [];
  for await (
    const { name } of Deno.readDir(new URL("schemas", import.meta.url))
  ) found.push(name);

  assert.deepEqual(
    found.toSorted(),
    VERSIONS.map((version) => `version_${version}.sql`),
  );
});

for (const version of VERSIONS) {
  Deno.test(`version ${version} of the schema is what it was`, async () => {
    using then = new DatabaseSync(":memory:");
    then.exec(await textOf(version));
    using made = new DatabaseSync(":memory:");
    for (const step of MIGRATIONS.slice(0, version)) made.exec(step);

    assert.deepEqual(shapeOf(then), shapeOf(made));
  });

  Deno.test(`a database of version ${version} becomes one of today`, async () => {
    using fresh = openDatabase(":memory:");

    await withDatabase(version, (path) => {
      using migrated = openDatabase(path);

      assert.equal(
        migrated.prepare("PRAGMA user_version").get()?.user_version,
        MIGRATIONS.length,
      );
      assert.deepEqual(shapeOf(migrated), shapeOf(fresh));
      assert.deepEqual(migrated.prepare("PRAGMA foreign_key_check").all(), []);
      assert.equal(
        migrated.prepare("PRAGMA integrity_check").get()?.integrity_check,
        "ok",
      );
    });
  });

  Deno.test(`users, keys and tunnels of version ${version} are there`, async () => {
    await withDatabase(version, async (path) => {
      using accounts = openAccounts(path);
      using store = new TunnelStore(path);
      using leases = new PortLeases(path);

      const hasOrganizations = version >= 4;
      assert.deepEqual(accounts.listUsers(), [
        {
          name: "ann",
          createdAt: 1_760_000_000_000,
          organization: "default",
          team: undefined,
          // Of several users none was an admin.
          role: hasOrganizations ? "admin" : "member",
        },
        {
          name: "bob",
          createdAt: 1_760_000_001_000,
          organization: hasOrganizations ? "acme" : "default",
          team: hasOrganizations ? "web" : undefined,
          role: hasOrganizations ? "service" : "member",
        },
      ]);
      assert.equal(await accepts(accounts, "ann"), "default");
      const named = version >= 3 ? "ci" : "default";
      assert.equal(await accepts(accounts, "bob"), named);
      const [key] = accounts.listKeys("bob");
      assert.deepEqual([key?.scope, key?.expiresAt], [
        hasOrganizations ? "use" : "all",
        version >= 3 ? 4_102_444_800_000 : undefined,
      ]);
      assert.deepEqual(
        accounts.organizations.list().map(({ name, maxTunnels }) => [
          name,
          maxTunnels,
        ]),
        hasOrganizations
          ? [["acme", 3], ["default", undefined]]
          : [["default", undefined]],
      );
      assertTunnel(store, version);
      assert.equal(
        (await accounts.audit.read({ organization: "acme", limit: 10 })).length,
        hasOrganizations ? 1 : 0,
      );
      const range = { first: 9_000, last: 9_009 };
      const pool = { organization: "default", owner: "ann", name: "lab" };
      const [port] = leases.portsFor(pool, range);
      if (version >= 5) assert.equal(port, 9_001);
    });
  });
}

function assertTunnel(store: TunnelStore, version: number): void {
  const [tunnel] = store.list();
  if (version < 2) return assert.equal(tunnel, undefined);
  assert(tunnel !== undefined);
  const { wantsPort, keyId, shared, rules } = tunnel.spec;
  assert.deepEqual(
    [tunnel.id, tunnel.createdAt, tunnel.launchedAt, rules?.deny_domains],
    [
      "0123456789abcdef0123456789abcdef",
      1_760_000_002_000,
      1_760_000_003_000,
      ["^ads"],
    ],
  );
  assert.deepEqual(
    [wantsPort, keyId, shared],
    version >= 4 ? [true, "0123456789abcdef", "all"] : [false, undefined, ""],
  );
}

Deno.test("the only user of a database without roles becomes its admin", async () => {
  await withDatabase(3, (path) => {
    {
      using database = new DatabaseSync(path);
      database.exec("DELETE FROM access_keys WHERE user = 'bob'");
      database.exec("DELETE FROM users WHERE name = 'bob'");
    }

    using accounts = openAccounts(path);

    assert.equal(accounts.findUser("ann")?.role, "admin");
  });
});

Deno.test("a migration that fails changes nothing, and says why", async () => {
  await withDatabase(3, (path) => {
    {
      using database = new DatabaseSync(path);
      // The following version has a table of this name.
      database.exec("CREATE TABLE audit (id INTEGER)");
    }

    assert.throws(() => openDatabase(path), {
      name: "DatabaseError",
      message: /^Cannot open the database ".+": table audit already exists /,
    });

    using after = new DatabaseSync(path);
    assert.equal(after.prepare("PRAGMA user_version").get()?.user_version, 3);
    assert.equal(after.prepare("SELECT * FROM users").all().length, 2);
  });
});
