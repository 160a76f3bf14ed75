import assert from "node:assert/strict";

import { readBounded } from "../../../src/config/sources/read_bounded.ts";
import { temporaryFile } from "../fixtures.ts";

Deno.test("readBounded() refuses a file that is far too large", async () => {
  await using file = await temporaryFile("c.yaml", "");
  await Deno.truncate(file.path, 4 * 1024 * 1024 + 1);

  await assert.rejects(readBounded(file.path, "configuration file"), {
    name: "ConfigError",
    code: "badFile",
    message:
      `Cannot read the configuration file "${file.path}": it is larger than 4 MiB`,
  });
});
