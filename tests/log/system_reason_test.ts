import assert from "node:assert/strict";
import { join } from "node:path";
import { systemReason } from "../../src/log/system_reason.ts";

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

Deno.test("systemReason() has words for what the system says with a number", async () => {
  const folder = await Deno.makeTempDir();
  const missing = join(folder, "missing", "file");

  assert.equal(
    systemReason(thrownBy(() => Deno.readTextFileSync(missing))),
    "there is no such file or folder",
  );
  assert.equal(
    systemReason(thrownBy(() => Deno.readTextFileSync(folder))),
    "it is a directory",
  );
  assert.equal(
    systemReason(
      Object.assign(new Error("Read-only file system (os error 30)"), {
        code: "EROFS",
      }),
    ),
    "the file system is read-only",
  );
  await Deno.remove(folder);
});

Deno.test("systemReason() leaves numbers and paths out of what it has no words for", () => {
  const cause = new Error("Too many open files (os error 24): open '/a'");

  assert.equal(systemReason(cause), "Too many open files");
  assert.equal(systemReason("gone"), "gone");
});
