import assert from "node:assert/strict";
import { pathKey } from "../../src/platform/paths.ts";
import { systemOf } from "../../src/platform/system.ts";

Deno.test("pathKey() is one for two names of a file on macOS and Windows", () => {
  for (const name of ["darwin", "windows"] as const) {
    const system = systemOf(name);
    assert.equal(
      pathKey("/A/Plugin.ts", system),
      pathKey("/a/plugin.TS", system),
    );
    // One letter, or a letter and an accent: both are one name there.
    assert.equal(pathKey("/caf\u00e9", system), pathKey("/cafe\u0301", system));
  }
});

Deno.test("pathKey() is the path itself on Linux", () => {
  assert.equal(pathKey("/A/Plugin.ts", systemOf("linux")), "/A/Plugin.ts");
});
