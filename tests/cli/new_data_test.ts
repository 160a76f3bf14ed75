/** A mistyped data directory is an error; only commands that add something create one. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sallyport } from "./harness.ts";

async function withFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const WITHOUT_DATA = [
  ["user", "list"],
  ["user", "set", "jane", "--role=admin"],
  ["user", "remove", "jane"],
  ["org", "list"],
  ["org", "set", "acme", "--max-tunnels=3"],
  ["org", "remove", "acme"],
  ["key", "create", "jane", "ci"],
  ["key", "list", "jane"],
  ["key", "revoke", "jane", "ci"],
  ["audit"],
] as const;

for (const command of WITHOUT_DATA) {
  for (const directory of ["mistyped", "."]) {
    Deno.test(`"${command.join(" ")}" refuses ${directory}, which has no server's data, and makes none`, async () => {
      await withFolder(async (folder) => {
        const dataDir = join(folder, directory);

        const outcome = await sallyport([...command, "--data-dir", dataDir]);

        const path = join(dataDir, "sallyport.db");
        assert.deepEqual(outcome, {
          code: 1,
          stdout: "",
          stderr:
            `sallyport: Cannot open the database "${path}": no such file, give the --data-dir of the server, or create a database with "sallyport user add"\n`,
        });
        assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
      });
    });
  }
}

for (const command of [["user", "add", "jane"], ["org", "create", "acme"]]) {
  Deno.test(`"${command.join(" ")}" says that it has made a database, once`, async () => {
    await withFolder(async (folder) => {
      const dataDir = join(folder, "new");
      const [name = "", action = ""] = command;

      const first = await sallyport([...command, "--data-dir", dataDir]);
      const second = await sallyport(
        [name, action, "other", "--data-dir", dataDir],
      );

      assert.deepEqual([first.code, first.stderr], [
        0,
        `sallyport: Created a new database in "${dataDir}", start the server with the same --data-dir\n`,
      ]);
      assert.match(first.stdout, /^[^\n]+\n$/);
      assert.deepEqual([second.code, second.stderr], [0, ""]);
    });
  });
}
