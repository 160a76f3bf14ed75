import assert from "node:assert/strict";
import { configureLog } from "../../src/log/configure.ts";
import { openDatabase } from "../../src/store/database.ts";
import { StorageError, StorageHealth } from "../../src/store/storage_health.ts";

const FULL = new Error("database or disk is full");

function fails(health: StorageHealth, cause: Error = FULL): void {
  assert.throws(
    () =>
      health.watch(() => {
        throw cause;
      }),
    (error) => error instanceof StorageError && error.cause === cause,
  );
}

/** What is logged while `action` runs, without times. */
async function logged(action: () => void): Promise<readonly string[]> {
  let text = "";
  {
    const output = {
      write: (bytes: Uint8Array) => {
        text += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.byteLength);
      },
      close() {},
    };
    await using _log = await configureLog({ output });
    action();
  }
  return text.trimEnd().split("\n").map((line) => line.slice(27));
}

Deno.test("StorageHealth logs one line for each change, however many writes fail", async () => {
  let time = 1_000_000;
  let recoveries = 0;
  const health = new StorageHealth({ path: "/data/db", now: () => time });
  using _listener = health.onRecovery(() => recoveries++);

  const lines = await logged(() => {
    for (let n = 0; n < 5; n++) fails(health);
    // A small write that still fits does not mean that there is room.
    health.watch(() => {});
    fails(health);
    time += 4_999;
    health.watch(() => {});
    assert.equal(health.problem(), "the disk is full");
    time += 1;
    health.watch(() => {});
    health.watch(() => {});
  });

  assert.deepEqual(lines, [
    '[server] [ERROR] cannot write the database, requests go on reason="the disk is full" file=/data/db',
    "[server] [INFO] the database can be written again file=/data/db",
  ]);
  assert.equal(health.failures, 6);
  assert.equal(recoveries, 1);
  assert.equal(health.problem(), undefined);
});

Deno.test("StorageHealth.problem() tries a write at most every 5 s, and none after one that succeeded", () => {
  let time = 0;
  let tries = 0;
  const health = new StorageHealth({ now: () => time });
  health.probeWith(() => {
    tries++;
    health.watch(() => {
      throw FULL;
    });
  });

  health.watch(() => {});
  assert.equal(health.problem(), undefined);
  assert.equal(tries, 0);
  time += 5_000;
  assert.equal(health.problem(), "the disk is full");
  assert.equal(health.problem(), "the disk is full");
  assert.equal(tries, 1);
  time += 5_000;
  health.problem();
  assert.equal(tries, 2);
});

Deno.test("StorageHealth leaves errors alone that are not the disk's", () => {
  const health = new StorageHealth();
  const cause = new Error("UNIQUE constraint failed: users.name");

  assert.throws(
    () =>
      health.watch(() => {
        throw cause;
      }),
    (error) => error === cause,
  );
  assert.equal(health.failures, 0);
});

for (
  const [words, reason] of [
    ["database or disk is full", "the disk is full"],
    ["disk I/O error", "the disk takes no more data (disk I/O error)"],
    ["attempt to write a readonly database", "the database is read-only"],
    ["unable to open database file", "its folder cannot be written"],
  ] as const
) {
  Deno.test(`StorageHealth says "${reason}" for "${words}"`, () => {
    const health = new StorageHealth();

    assert.throws(
      () =>
        health.watch(() => {
          throw new Error(words);
        }),
      {
        status: 503,
        message: `Cannot store the change: ${reason}, free space on the ` +
          "server's disk and try again",
      },
    );
  });
}

Deno.test("a transaction on a full disk says that it is full, and nothing of it is stored", () => {
  using database = openDatabase(":memory:");
  database.exec("CREATE TABLE big (data BLOB)");
  const { page_count: pages } = database.prepare("PRAGMA page_count").get() ??
    {};
  database.exec(`PRAGMA max_page_count = ${Number(pages) + 2}`);
  const fill = () => {
    database.exec("INSERT INTO big VALUES (zeroblob(100))");
    database.exec("INSERT INTO big VALUES (zeroblob(1000000))");
  };

  assert.throws(() => database.transaction(fill), {
    message: /^Cannot store the change: the disk is full, /,
  });

  assert.equal(database.health.problem(), "the disk is full");
  assert.deepEqual(database.prepare("SELECT * FROM big").all(), []);
  database.exec("PRAGMA max_page_count = 100000");
  database.transaction(fill);
  assert.equal(database.prepare("SELECT * FROM big").all().length, 2);
});

Deno.test("StorageHealth.problem() is not the disk's when another program has the database", () => {
  let tries = 0;
  const health = new StorageHealth({ now: () => 0 });
  health.probeWith(() => {
    tries++;
    throw new Error("database is locked");
  });

  assert.equal(health.problem(), undefined);
  assert.equal(health.problem(), undefined);
  assert.equal(tries, 1);
});
