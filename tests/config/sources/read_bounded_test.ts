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

Deno.test("readBounded() names a file in UTF-16, as PowerShell 5 writes them", async () => {
  await using file = await temporaryFile("c.yaml", "");
  await Deno.writeFile(file.path, new Uint8Array([0xff, 0xfe, 97, 0, 58, 0]));

  await assert.rejects(readBounded(file.path, "configuration file"), {
    code: "badFile",
    message: `Cannot read the configuration file "${file.path}": it is in ` +
      "UTF-16, save it as UTF-8",
  });
});

Deno.test("readBounded() passes over the mark that Notepad writes", async () => {
  await using file = await temporaryFile("c.yaml", "\ufeffa: 1\n");
  assert.equal(await readBounded(file.path, "configuration file"), "a: 1\n");
});
