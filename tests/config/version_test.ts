import assert from "node:assert/strict";

import { VERSION, versionText } from "../../src/config/version.ts";

Deno.test("versionText() is a table of everything that is known", () => {
  const text = versionText({
    version: "1.2.3",
    time: "2026-01-02T03:04:05Z",
    commit: "abcdef",
    deno: "2.9.6",
    v8: "15.0",
    typescript: "6.0",
    os: "linux",
    arch: "x86_64",
  });

  assert.equal(
    text,
    "Version:    1.2.3\nBuild time: 2026-01-02T03:04:05Z\n" +
      "Git commit: abcdef\nDeno:       2.9.6\nV8:         15.0\n" +
      "TypeScript: 6.0\nOS/Arch:    linux/x86_64\n",
  );
});

Deno.test("VERSION is that of the running program", () => {
  assert.match(VERSION.version, /^\d+\.\d+\.\d+/);
  assert.equal(VERSION.deno, Deno.version.deno);
});
