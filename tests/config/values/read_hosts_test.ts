import assert from "node:assert/strict";

import { readHosts } from "../../../src/config/values/read_hosts.ts";
import { temporaryFile } from "../fixtures.ts";

Deno.test("readHosts() reads a hosts file", async () => {
  await using file = await temporaryFile("hosts", "10.0.0.1 a.test b.test\n");

  const table = await readHosts(file.path);

  assert.deepEqual(Object.fromEntries(table), {
    "a.test": ["10.0.0.1"],
    "b.test": ["10.0.0.1"],
  });
});

Deno.test("readHosts() says what is wrong with the file", async () => {
  await using file = await temporaryFile("hosts", "\n10.0.0.1 *.a.test\n");

  await assert.rejects(readHosts(file.path), {
    name: "ConfigError",
    code: "badFile",
    message: `Cannot read the hosts file "${file.path}": "*.a.test" is not a ` +
      "host name in line 2, write an IP address and its names",
  });
  await assert.rejects(readHosts("/nowhere/hosts"), {
    message: 'Cannot read the hosts file "/nowhere/hosts": no such file',
  });
});
