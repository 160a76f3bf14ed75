import assert from "node:assert/strict";
import { join } from "node:path";
import { claimDataDirectory } from "../../src/store/data_directory.ts";

Deno.test("claimDataDirectory() makes a directory for this user only", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const folder = await Deno.makeTempDir();

  using _claim = await claimDataDirectory(join(folder, "a", "b"));

  const { mode } = await Deno.stat(join(folder, "a", "b"));
  assert.equal((mode ?? 0) & 0o777, 0o700);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("claimDataDirectory() says when the path is a file", async () => {
  const file = await Deno.makeTempFile();

  await assert.rejects(() => claimDataDirectory(file), {
    name: "DataDirectoryError",
    message:
      `Cannot use the data directory "${file}": it is a file, choose another with --data-dir`,
  });
  await Deno.remove(file);
});

Deno.test("claimDataDirectory() gives a directory to one at a time", async () => {
  const folder = await Deno.makeTempDir();
  const claim = await claimDataDirectory(folder);

  await assert.rejects(() => claimDataDirectory(folder), {
    name: "DataDirectoryInUseError",
    message:
      `Cannot start a server on the data directory "${folder}": another server uses it, stop that one or choose another with --data-dir`,
  });
  claim[Symbol.dispose]();
  (await claimDataDirectory(folder))[Symbol.dispose]();

  await Deno.remove(folder, { recursive: true });
});
