import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../src/store/database.ts";

async function withFolder(
  run: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openDatabase() makes the file, its folder and its tables", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/new/sallyport.db`;

    openDatabase(file).close();

    const { mode } = await Deno.stat(`${folder}/new`);
    assert.equal((mode ?? 0) & 0o777, 0o700);
    using database = openDatabase(file);
    assert.equal(
      database.prepare("PRAGMA user_version").get()?.user_version,
      7,
    );
    assert.deepEqual(database.prepare("SELECT * FROM users").all(), []);
  });
});

Deno.test("openDatabase() keeps what is in the file and takes other readers away", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/sallyport.db`;
    {
      using database = openDatabase(file);
      database.exec("INSERT INTO users (name, created_at) VALUES ('ann', 0)");
    }
    await Deno.chmod(file, 0o644);

    using database = openDatabase(file);

    const row = database.prepare("SELECT name FROM users").get();
    assert.equal(row?.name, "ann");
    const { mode } = await Deno.stat(file);
    assert.equal((mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("openDatabase() says when the file is not a database", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/sallyport.db`;
    const text = "not a database, but quite long".repeat(200);
    await Deno.writeTextFile(file, text);

    assert.throws(() => openDatabase(file), {
      name: "DatabaseError",
      message:
        `Cannot open the database "${file}": the file is not a database, move it away or give another data directory`,
    });
    assert.equal(await Deno.readTextFile(file), text);
  });
});

Deno.test("openDatabase() leaves a newer program's database alone", async () => {
  await withFolder((folder) => {
    const file = `${folder}/sallyport.db`;
    const newer = new DatabaseSync(file);
    newer.exec("PRAGMA user_version = 999");
    newer.close();

    assert.throws(() => openDatabase(file), {
      name: "DatabaseError",
      message: /its version is 999 .+ update Sallyport$/,
    });
  });
});

Deno.test("openDatabase() says why there can be no such directory", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/notes.txt`;
    await Deno.writeTextFile(file, "");

    assert.throws(() => openDatabase(`${file}/data/sallyport.db`), {
      name: "DatabaseError",
      message:
        `Cannot open the database "${file}/data/sallyport.db": a part of its path is a file, choose another directory with --data-dir`,
    });
  });
});

Deno.test("openDatabase() names a path that cannot be a file", async () => {
  await withFolder((folder) => {
    assert.throws(() => openDatabase(folder), {
      name: "DatabaseError",
      message: new RegExp(`^Cannot open the database "${folder}": `),
    });
  });
});
