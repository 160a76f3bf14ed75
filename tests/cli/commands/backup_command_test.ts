import assert from "node:assert/strict";
import { join } from "node:path";

import { databasePath } from "../../../src/config/data_dir.ts";
import { openAccounts } from "../../../src/server/accounts/accounts.ts";
import { ensureCertificates } from "../../../src/server/tls/certificates.ts";
import { sallyport } from "../harness.ts";

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

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).toSorted();
}

const backup = (...args: readonly string[]) => sallyport(["backup", ...args]);

Deno.test("a backup of a server at work has its users and certificates, for its owner alone", async () => {
  await withFolder(async (folder) => {
    const dataDir = join(folder, "data");
    const copy = join(folder, "copy");
    using accounts = openAccounts(databasePath(dataDir));
    const key = await accounts.addUser("ann");
    const made = await ensureCertificates(dataDir, { hosts: [] });

    const outcome = await backup(copy, "--data-dir", dataDir);

    assert.deepEqual(outcome, {
      code: 0,
      stdout: `backed up to ${copy}\n`,
      stderr: "",
    });
    assert.deepEqual(await namesIn(copy), [
      "browser-ca-key.pem",
      "browser-ca.pem",
      "ca-key.pem",
      "ca.pem",
      "sallyport.db",
      "server.pem",
    ]);
    await accounts.addUser("bob");
    using restored = openAccounts(databasePath(copy));
    assert.deepEqual(restored.listUsers().map(({ name }) => name), ["ann"]);
    assert.equal((await restored.lookUp("ann", key).verify())?.scope, "all");
    const again = await ensureCertificates(copy, { hosts: [] });
    assert.equal(again.caPem, made.caPem);
    assert.equal(((await Deno.stat(copy)).mode ?? 0) & 0o777, 0o700);
    for await (const { name } of Deno.readDir(copy)) {
      const { mode } = await Deno.stat(join(copy, name));
      const original = name.includes("sallyport.db")
        ? 0o600
        : (await Deno.stat(join(dataDir, name))).mode ?? 0;
      assert.equal((mode ?? 0) & 0o777, original & 0o777, name);
    }
  });
});

Deno.test("a backup never writes over anything, and leaves nothing half-made", async () => {
  await withFolder(async (folder) => {
    const dataDir = join(folder, "data");
    openAccounts(databasePath(dataDir))[Symbol.dispose]();
    await Deno.mkdir(join(folder, "there"));

    const there = await backup(join(folder, "there"), "--data-dir", dataDir);
    const nowhere = await backup(
      join(folder, "no", "where"),
      "--data-dir",
      dataDir,
    );
    const nothing = await backup(
      join(folder, "copy"),
      "--data-dir",
      join(folder, "empty"),
    );
    const unnamed = await backup("--data-dir", dataDir);

    const lines = [there, nowhere, nothing, unnamed].map(
      ({ code, stderr }) => [code, stderr.replaceAll(folder, "DIR")],
    );
    assert.deepEqual(lines, [
      [
        1,
        'sallyport: Cannot back up to "DIR/there": it exists already, give a new folder\n',
      ],
      [
        1,
        'sallyport: Cannot back up to "DIR/no/where": its folder cannot be written, choose another\n',
      ],
      [
        1,
        'sallyport: Cannot back up "DIR/empty": no server data found there, give the --data-dir of the server\n',
      ],
      [
        1,
        'sallyport: Cannot back up: the folder is missing, use "sallyport backup <folder>"\n',
      ],
    ]);
    assert.deepEqual(await namesIn(folder), ["data", "there"]);
  });
});
