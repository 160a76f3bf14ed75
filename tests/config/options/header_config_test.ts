import assert from "node:assert/strict";

import { HEADER_FIELDS } from "../../../src/config/options/header_config.ts";
import { collectOptions, validateOptions } from "../../../src/config/load.ts";

async function read(...args: readonly string[]): Promise<readonly unknown[]> {
  const environment = () => undefined;
  const { values } = await collectOptions(HEADER_FIELDS, { args, environment });
  return validateOptions(HEADER_FIELDS, values).header;
}

Deno.test("--header keeps commas, and rules in the order of the flags", async () => {
  assert.deepEqual(await read("-H", "Accept: a, b", "--header=-x-*"), [
    { kind: "add", name: "Accept", value: "a, b" },
    { kind: "removePrefix", prefix: "x-" },
  ]);
});

Deno.test("--header takes rules that begin with a dash, and no other option", async () => {
  assert.deepEqual(await read("-H", "-User-Agent", "--header", "-x-*"), [
    { kind: "remove", name: "user-agent" },
    { kind: "removePrefix", prefix: "x-" },
  ]);
  await assert.rejects(read("-H", "--header=a: b"), {
    message: /-H: it needs a value but another option follows/,
  });
  await assert.rejects(read("-H", "-R"), { code: "missingValue" });
});

Deno.test("--header says what is wrong, and shows no value", async () => {
  await assert.rejects(read("-H", "Host: s3cr3t"), (error: Error) => {
    assert.match(error.message, /-H: Host is written by the proxy/);
    assert.doesNotMatch(error.message, /s3cr3t/);
    return true;
  });
});
