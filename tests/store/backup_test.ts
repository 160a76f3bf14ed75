/** A copy of the data directory, whole or not at all. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { backUp } from "../../src/store/backup.ts";
import { openDatabase } from "../../src/store/database.ts";

async function setUp() {
  const root = await Deno.makeTempDir();
  const data = join(root, "data");
  const database = join(data, "sallyport.db");
  const source = openDatabase(database);
  source.exec("INSERT INTO users (name, created_at) VALUES ('ann', 0)");
  return {
    data,
    source,
    copy: join(root, "copy"),
    async [Symbol.asyncDispose]() {
      source.close();
      await Deno.remove(root, { recursive: true });
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

Deno.test("a backup has the users and the files, and serves as a data directory", async () => {
  await using world = await setUp();
  await Deno.writeTextFile(join(world.data, "ca.pem"), "CA");
  await Deno.writeTextFile(join(world.data, "server.lock"), "");
  await Deno.mkdir(join(world.data, "folder"));

  // The server runs: it has the database open.
  await backUp(world.data, world.copy);

  assert.deepEqual(await namesIn(world.copy), ["ca.pem", "sallyport.db"]);
  assert.equal(await Deno.readTextFile(join(world.copy, "ca.pem")), "CA");
  using copy = openDatabase(join(world.copy, "sallyport.db"));
  const rows = copy.prepare("SELECT name FROM users").all();
  assert.deepEqual(rows.map(({ name }) => name), ["ann"]);
});

Deno.test("only their owner may read the copies", async () => {
  await using world = await setUp();
  await backUp(world.data, world.copy);
  assert.equal(await modeOf(world.copy), 0o700);
  assert.equal(await modeOf(join(world.copy, "sallyport.db")), 0o600);
});

Deno.test("a folder without data is not backed up", async () => {
  await using world = await setUp();
  const empty = join(world.data, "empty");
  await Deno.mkdir(empty);
  await assert.rejects(backUp(empty, world.copy), {
    name: "BackupError",
    message: `Cannot back up "${empty}": no server data found there, give ` +
      "the --data-dir of the server",
  });
  await assert.rejects(Deno.lstat(world.copy), Deno.errors.NotFound);
});

Deno.test("a folder that exists is not written to", async () => {
  await using world = await setUp();
  await Deno.mkdir(world.copy);
  await assert.rejects(backUp(world.data, world.copy), {
    message: `Cannot back up to "${world.copy}": it exists already, give a ` +
      "new folder",
  });
  assert.deepEqual(await namesIn(world.copy), []);
});

Deno.test("what an earlier backup has left is kept", async () => {
  await using world = await setUp();
  const left = `${world.copy}.unfinished`;
  await Deno.mkdir(left);
  await assert.rejects(backUp(world.data, world.copy), {
    message: `Cannot back up to "${world.copy}": an earlier backup did not ` +
      `finish, remove "${left}"`,
  });
  await Deno.stat(left);
});

Deno.test("a place that is not there is said to be so", async () => {
  await using world = await setUp();
  const nowhere = join(world.data, "no", "where");
  await assert.rejects(backUp(world.data, nowhere), {
    message: `Cannot back up to "${nowhere}": its folder cannot be written, ` +
      "choose another",
  });
});

Deno.test("a backup that fails leaves nothing", async () => {
  await using world = await setUp();
  const broken = join(world.data, "broken");
  await Deno.mkdir(broken);
  const text = "not a database, but quite long".repeat(200);
  await Deno.writeTextFile(join(broken, "sallyport.db"), text);
  await assert.rejects(backUp(broken, world.copy), { name: "DatabaseError" });
  for (const path of [world.copy, `${world.copy}.unfinished`]) {
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  }
});
