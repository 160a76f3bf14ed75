import assert from "node:assert/strict";

import { HEADER_FIELDS } from "../../src/config/header_config.ts";
import { check, collect } from "../../src/config/load.ts";

async function read(...args: readonly string[]): Promise<readonly unknown[]> {
  const environment = () => undefined;
  const { given } = await collect(HEADER_FIELDS, { args, environment });
  return check(HEADER_FIELDS, given).header;
}

Deno.test("--header keeps commas, and rules in the order of the flags", async () => {
  assert.deepEqual(await read("-H", "Accept: a, b", "--header=-x-*"), [
    { kind: "add", name: "Accept", value: "a, b" },
    { kind: "removePrefix", prefix: "x-" },
  ]);
});

Deno.test("--header says what is wrong, and shows no value", async () => {
  await assert.rejects(read("-H", "Host: s3cr3t"), (error: Error) => {
    assert.match(error.message, /-H: Host is written by the proxy/);
    assert.doesNotMatch(error.message, /s3cr3t/);
    return true;
  });
});
