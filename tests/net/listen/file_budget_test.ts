import assert from "node:assert/strict";
import {
  type FileTable,
  measureFiles,
} from "../../../src/net/listen/file_budget.ts";

/** A process that may have `limit` files open. */
class Files implements FileTable {
  readonly isNumbered = true;
  readonly taken = new Set<number>();
  readonly #limit: number;

  constructor(limit: number, taken: number) {
    this.#limit = limit;
    for (let file = 0; file < taken; file++) this.taken.add(file);
  }

  open(): number {
    for (let file = 0; file < this.#limit; file++) {
      if (this.taken.has(file)) continue;
      this.taken.add(file);
      return file;
    }
    throw Object.assign(new Error("Too many open files"), { code: "EMFILE" });
  }

  close(file: number): void {
    this.taken.delete(file);
  }
}

Deno.test("measureFiles() counts open files, and closes what it opens", () => {
  const files = new Files(1_000, 40);

  assert.deepEqual(measureFiles(64, files), { open: 40, free: 64 });
  assert.equal(files.taken.size, 40);
});

Deno.test("measureFiles() fills the gaps that closed files left", () => {
  const files = new Files(1_000, 40);
  for (let file = 5; file < 35; file++) files.close(file);

  assert.deepEqual(measureFiles(64, files), { open: 10, free: 64 });
});

Deno.test("measureFiles() never says more than is open", () => {
  const files = new Files(1_000, 400);
  for (let file = 0; file < 300; file++) files.close(file);

  const found = measureFiles(64, files);

  assert.ok((found?.open ?? NaN) <= 100, `${found?.open}`);
});

Deno.test("measureFiles() says how few files are left, also when none is", () => {
  assert.deepEqual(measureFiles(64, new Files(50, 40)), { open: 40, free: 10 });
  assert.deepEqual(measureFiles(64, new Files(50, 50)), {
    open: undefined,
    free: 0,
  });
});

Deno.test({
  name: "measureFiles() works with the files of this process",
  ignore: Deno.build.os === "windows",
  fn() {
    const found = measureFiles(16) ?? assert.fail();

    assert.equal(found.free, 16);
    // Standard input, output and errors.
    assert.ok((found.open ?? 0) >= 3, `${found.open}`);
  },
});
