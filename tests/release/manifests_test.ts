import assert from "node:assert/strict";
import { manifests, readSums, type Release } from "./manifests.ts";

const TARGETS = [
  "aarch64-apple-darwin",
  "aarch64-pc-windows-msvc.exe",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "x86_64-pc-windows-msvc.exe",
  "x86_64-unknown-linux-gnu",
];

const SUMS = TARGETS.map((target, index) =>
  `${String(index).repeat(64)}  sallyport-${target}\n`
).join("");

const RELEASE: Release = {
  repository: "example/sallyport",
  version: "1.2.3",
  sums: readSums(SUMS),
};

Deno.test("each package manager finds the file and the checksum of its system", async (t) => {
  for (const [path, text] of manifests(RELEASE)) {
    await t.assertSnapshot(`${path}\n${text}`);
  }
});

Deno.test("a release without the file of a system has no manifests", () => {
  const sums = new Map(RELEASE.sums);
  sums.delete("sallyport-aarch64-apple-darwin");

  assert.throws(
    () => manifests({ ...RELEASE, sums }),
    /no file "sallyport-aarch64-apple-darwin"/,
  );
});

Deno.test("the repository of a release is an owner and a name", () => {
  assert.throws(
    () => manifests({ ...RELEASE, repository: 'a/b"; system("x")' }),
    /expected owner\/name/,
  );
});

Deno.test("a list of checksums that is cut off is refused", () => {
  assert.throws(() => readSums(SUMS.slice(0, -80)), SyntaxError);
});
