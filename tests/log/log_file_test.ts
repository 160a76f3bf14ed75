import assert from "node:assert/strict";
import { join } from "node:path";
import { isSameFile, openLogFile } from "../../src/log/log_file.ts";
import { LogWriter } from "../../src/log/log_writer.ts";

const NONE = { dev: 0, ino: null, birthtime: null };

Deno.test("a log file knows whether it was renamed, and whether another has its place", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "a.log");
  const file = openLogFile(path, 0o600);

  assert.equal(await file.isInPlace?.(), true);
  await Deno.rename(path, join(folder, "b.log"));
  assert.equal(await file.isInPlace?.(), false);
  await Deno.writeTextFile(path, "");
  assert.equal(await file.isInPlace?.(), false);
  file.close();
  assert.equal(await file.isInPlace?.(), true, "a closed one asks for nothing");

  await Deno.remove(folder, { recursive: true });
});

Deno.test("lines go to a new file once the old one was renamed, without a signal", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "a.log");
  {
    await using writer = new LogWriter(
      () => openLogFile(path, 0o600),
      () => "",
    );
    writer.write("one\n");
    await writer.flush();
    await writer.reopenIfMoved();
    writer.write("two\n");
    await writer.flush();
    await Deno.rename(path, join(folder, "b.log"));
    await writer.reopenIfMoved();
    writer.write("three\n");
  }

  assert.equal(await Deno.readTextFile(join(folder, "b.log")), "one\ntwo\n");
  assert.equal(await Deno.readTextFile(path), "three\n");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("isSameFile() compares the birth of files without numbers", () => {
  const birthtime = new Date(1);
  assert.ok(isSameFile({ ...NONE, birthtime }, { ...NONE, birthtime }));
  assert.ok(
    !isSameFile({ ...NONE, birthtime }, {
      ...NONE,
      birthtime: new Date(2),
    }),
  );
  assert.ok(isSameFile(NONE, NONE));
  const one = { ...NONE, ino: 7, dev: 1 };
  assert.ok(!isSameFile(one, { ...one, dev: 2 }));
  assert.ok(isSameFile(one, { ...one, birthtime }));
});
