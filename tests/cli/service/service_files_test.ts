import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  removeFiles,
  writeFiles,
} from "../../../src/cli/service/service_files.ts";
import { MADE_BY } from "../../../src/cli/service/service_spec.ts";

const OLD = `${MADE_BY}, before\n`;
const NEW = `${MADE_BY}, after\n`;

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

Deno.test("files that cannot all be written leave what was there", async () => {
  await withFolder(async (folder) => {
    const kept = join(folder, "kept");
    const fresh = join(folder, "fresh");
    await Deno.writeTextFile(kept, OLD);
    await Deno.mkdir(join(folder, "blocked.new"));

    await assert.rejects(
      writeFiles([
        { path: kept, text: NEW },
        { path: fresh, text: NEW },
        { path: join(folder, "blocked"), text: NEW },
      ], true),
      ConfigError,
    );

    assert.equal(await Deno.readTextFile(kept), OLD);
    await assert.rejects(Deno.stat(fresh), Deno.errors.NotFound);
  });
});

Deno.test("only files that say something else are written", async () => {
  await withFolder(async (folder) => {
    const paths = ["a", "b"].map((name) => join(folder, "inner", name));
    const files = paths.map((path) => ({ path, text: NEW }));

    assert.deepEqual(await writeFiles(files, false), paths);
    await Deno.writeTextFile(paths[1] ?? "", OLD);
    assert.deepEqual(await writeFiles(files, true), paths.slice(1));
    assert.deepEqual(await removeFiles(files), paths.toReversed());
    assert.deepEqual(await removeFiles(files), []);
  });
});
