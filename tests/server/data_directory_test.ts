import assert from "node:assert/strict";
import { join } from "node:path";
import { ensureDataDirectory } from "../../src/server/data_directory.ts";

Deno.test("ensureDataDirectory() makes a directory for this user only", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const folder = await Deno.makeTempDir();

  await ensureDataDirectory(join(folder, "a", "b"));

  const { mode } = await Deno.stat(join(folder, "a", "b"));
  assert.equal((mode ?? 0) & 0o777, 0o700);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("ensureDataDirectory() says when the path is a file", async () => {
  const file = await Deno.makeTempFile();

  await assert.rejects(() => ensureDataDirectory(file), {
    name: "DataDirectoryError",
    message:
      `Cannot use the data directory "${file}": it is a file, choose another with --data-dir`,
  });
  await Deno.remove(file);
});
