import assert from "node:assert/strict";

import { defaultDataDir } from "../../src/config/data_dir.ts";

Deno.test("defaultDataDir() follows XDG_DATA_HOME, then HOME", () => {
  const variables: Record<string, string> = { HOME: "/home/jane" };
  const directory = () => defaultDataDir((name) => variables[name]);

  assert.equal(directory(), "/home/jane/.local/share/sallyport");
  variables.XDG_DATA_HOME = "/data";
  assert.equal(directory(), "/data/sallyport");
  assert.equal(defaultDataDir(() => undefined), undefined);
});
