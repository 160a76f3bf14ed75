import assert from "node:assert/strict";

import { sallyport } from "./harness.ts";

const PAGES = [
  ["help"],
  ["help", "run"],
  ["help", "server"],
  ["help", "ready"],
  ["help", "plugin"],
  ["help", "user"],
  ["run", "config-file"],
  ["server", "config-file"],
] as const;

for (const page of PAGES) {
  Deno.test(`"sallyport ${page.join(" ")}" is as it was reviewed`, async (t) => {
    const { code, stdout, stderr } = await sallyport(page);

    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.deepEqual(stdout.split("\n").filter((line) => line.length > 80), []);
    await t.assertSnapshot(stdout);
  });
}

const SAME_PAGES = [
  [[], ["help"]],
  [["--help"], ["help"]],
  [["-h"], ["help"]],
  [["--help", "server"], ["help", "server"]],
  [["run", "--help"], ["help", "run"]],
  [["-i", "x", "-h"], ["help", "run"]],
  [["user", "add", "--help"], ["help", "user"]],
] as const;

for (const [args, page] of SAME_PAGES) {
  Deno.test(`"sallyport ${args.join(" ")}" shows "${page.join(" ")}"`, async () => {
    assert.deepEqual(await sallyport(args), await sallyport(page));
  });
}
