import assert from "node:assert/strict";

import { readEnvironment } from "../../../src/config/sources/environment.ts";
import { SAMPLE } from "../fixtures.ts";

Deno.test("readEnvironment() prefers SALLYPORT_ to SAUCE_ and splits lists", () => {
  const variables: Readonly<Record<string, string>> = {
    SALLYPORT_TUNNEL_NAME: "ours",
    SAUCE_TUNNEL_NAME: "theirs",
    SALLYPORT_MODE: "",
    SAUCE_MODE: "allow",
    SAUCE_FILES: "a, b",
    TUNNEL_NAME: "unrelated",
  };

  const given = readEnvironment({ ...SAMPLE }, (name) => variables[name]);

  assert.deepEqual(Object.fromEntries(given), {
    "tunnel-name": { raw: "ours", source: "SALLYPORT_TUNNEL_NAME" },
    "mode": { raw: "allow", source: "SAUCE_MODE" },
    "files": { raw: ["a", "b"], source: "SAUCE_FILES" },
  });
});
