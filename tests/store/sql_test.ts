/** What every driver of the store promises. */
import assert from "node:assert/strict";
import {
  change,
  type RowChange,
  rowOf,
  rowsOf,
  type Sql,
  type Work,
} from "../../src/store/sql.ts";
import { type Driver, DRIVERS } from "./drivers.ts";

function* addUser(name: string): Work<number> {
  return yield* change(
    "INSERT INTO users (name, created_at) VALUES (?1, ?2)",
    ...[name, 1],
  );
}

function* addKey(user: string, name: string): Work<number> {
  return yield* change(
    `INSERT INTO access_keys ("user", name, hash, hint, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5)`,
    ...[user, name, `hash of ${name}`, new Uint8Array([1, 2]), 1],
  );
}

async function namesIn(sql: Sql): Promise<readonly unknown[]> {
  const rows = await sql.view(() =>
    rowsOf("SELECT name FROM users ORDER BY name")
  );
  return rows.map(({ name }) => name);
}

/** The rows of all mirrored tables, as a mirror says them. */
class Copy {
  readonly rows = new Map<string, readonly string[]>();
  restarts = 0;

  readonly apply = ({ table, key, rows }: RowChange) => {
    const at = `${table} ${key}`;
    if (rows.length === 0) this.rows.delete(at);
    else this.rows.set(at, rows.map(({ name }) => String(name)).toSorted());
  };

  readonly restart = () => {
    this.restarts += 1;
    this.rows.clear();
  };
}

for (const driver of DRIVERS) {
  /** Runs `look` with a store that has the organization `default`. */
  const test = (
    name: string,
    look: (place: Awaited<ReturnType<Driver["make"]>>) => Promise<void>,
  ) =>
    Deno.test(`${driver.name}: ${name}`, async () => {
      await using place = await driver.make();
      await look(place);
    });

  test("a transaction returns what its work returns, and others see all of it", async (place) => {
    using one = await place.open();
    using other = await place.open();

    const added = await one.transaction(function* () {
      const ann = yield* addUser("ann");
      const bob = yield* addUser("bob");
      const seen = yield* rowOf("SELECT count(*) AS users FROM users");
      return [ann, bob, Number(seen?.users)];
    });

    assert.deepEqual(added, [1, 1, 2]);
    assert.deepEqual(await namesIn(other), ["ann", "bob"]);
  });

  test("a transaction that fails stores nothing, and the next one works", async (place) => {
    using sql = await place.open();
    await sql.transaction(() => addUser("ann"));

    await assert.rejects(
      sql.transaction(function* () {
        yield* addUser("bob");
        throw new RangeError("no");
      }),
      RangeError,
    );
    await assert.rejects(sql.transaction(function* () {
      yield* addUser("cid");
      yield* addUser("ann");
    }));

    assert.deepEqual(await namesIn(sql), ["ann"]);
    await sql.transaction(() => addUser("dan"));
    assert.deepEqual(await namesIn(sql), ["ann", "dan"]);
  });

  test("work may go on after a statement that failed", async (place) => {
    using sql = await place.open();

    const outcome = await sql.transaction(function* () {
      yield* addUser("ann");
      try {
        yield* rowsOf("SELECT nothing FROM nowhere");
        return "worked";
      } catch {
        return "failed";
      }
    }).catch(() => "aborted");

    // A driver may abort the whole transaction, but not leave half of it.
    const names = await namesIn(sql);
    assert.deepEqual(names, outcome === "failed" ? ["ann"] : []);
  });

  test("transactions that start at once come one after the other", async (place) => {
    using one = await place.open();
    using other = await place.open();
    const stores = [one, other];

    await Promise.all(
      Array.from(
        { length: 40 },
        (_, count) =>
          stores[count % 2]?.transaction(function* () {
            const row = yield* rowOf("SELECT count(*) AS users FROM users");
            yield* addUser(`user-${row?.users}`);
          }),
      ),
    );

    assert.equal((await namesIn(one)).length, 40);
  });

  test("values come back as they went in", async (place) => {
    using sql = await place.open();
    await sql.transaction(() => addUser("ann’s"));
    await sql.transaction(() => addKey("ann’s", "ci"));

    const row = await sql.view(() => rowOf("SELECT * FROM access_keys"));

    assert.deepEqual(
      [row?.user, row?.hint, row?.created_at, row?.expires_at],
      ["ann’s", new Uint8Array([1, 2]), 1, null],
    );
  });

  test("a mirror has all rows at once, and what its own store writes when that resolves", async (place) => {
    using sql = await place.open();
    await sql.transaction(() => addUser("ann"));
    const copy = new Copy();

    using _mirror = sql.mirror(copy.apply, copy.restart);
    const before = [...copy.rows.keys()].toSorted();
    await sql.transaction(function* () {
      yield* addUser("bob");
      yield* addKey("bob", "ci");
      yield* addKey("bob", "laptop");
    });

    assert.deepEqual(before, ["organizations default", "users ann"]);
    assert.deepEqual(copy.rows.get("access_keys bob"), ["ci", "laptop"]);
    assert.deepEqual(copy.rows.get("users bob"), ["bob"]);
    assert.equal(copy.restarts, 1);
  });

  test("a mirror gets what others write, change and remove, with all that goes with it", async (place) => {
    using sql = await place.open();
    using other = await place.open();
    const copy = new Copy();
    using mirror = sql.mirror(copy.apply, copy.restart);

    await other.transaction(function* () {
      yield* addUser("ann");
      yield* addKey("ann", "ci");
    });
    mirror.sync();
    assert.deepEqual(copy.rows.get("access_keys ann"), ["ci"]);

    await other.transaction(() =>
      change("DELETE FROM users WHERE name = ?1", "ann")
    );
    mirror.sync();
    assert.deepEqual([...copy.rows.keys()], ["organizations default"]);
    assert.equal(copy.restarts, 1);
  });

  test("a mirror that is far behind reads everything once more", async (place) => {
    using sql = await place.open();
    using other = await place.open();
    const copy = new Copy();
    using mirror = sql.mirror(copy.apply, copy.restart);

    await other.transaction(function* () {
      yield* addUser("ann");
      for (let count = 0; count < 10_000; count++) {
        yield* change("UPDATE users SET created_at = ?1", count);
      }
      yield* addUser("bob");
    });
    mirror.sync();

    assert.equal(copy.restarts, 2);
    assert.deepEqual([...copy.rows.keys()].toSorted(), [
      "organizations default",
      "users ann",
      "users bob",
    ]);
    const { changes } = await sql.view(() =>
      rowOf("SELECT count(*) AS changes FROM changes")
    ) ?? {};
    assert.ok(Number(changes) <= 4_352, String(changes));
  });

  test("a mirror gets nothing that was not stored", async (place) => {
    using sql = await place.open();
    const copy = new Copy();
    using mirror = sql.mirror(copy.apply, copy.restart);

    await sql.transaction(function* () {
      yield* addUser("ann");
      throw new RangeError("no");
    }).catch(() => {});
    mirror.sync();

    assert.deepEqual([...copy.rows.keys()], ["organizations default"]);
  });

  test("a store that is closed says so, and a mirror of it is quiet", async (place) => {
    const sql = await place.open();
    const mirror = sql.mirror(() => {}, () => {});

    sql[Symbol.dispose]();
    mirror.sync();

    assert.equal(sql.isOpen, false);
    await assert.rejects(sql.transaction(() => addUser("ann")));
  });
}
