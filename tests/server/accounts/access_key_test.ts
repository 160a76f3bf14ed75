import assert from "node:assert/strict";
import {
  generateAccessKey,
  HASH_COST,
  hashAccessKey,
  matchesAccessKey,
} from "../../../src/server/accounts/access_key.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;

Deno.test("hashAccessKey() salts: two hashes of a key differ and both match", async () => {
  const key = generateAccessKey();

  const hashes = [
    await hashAccessKey(key, CHEAP),
    await hashAccessKey(key, CHEAP),
  ];

  assert.notEqual(hashes[0], hashes[1]);
  for (const hash of hashes) {
    assert.equal(await matchesAccessKey(key, hash), true);
    assert.equal(await matchesAccessKey(generateAccessKey(), hash), false);
  }
});

Deno.test("hashAccessKey() stores its cost, and old costs keep working", async () => {
  assert.match(await hashAccessKey("key"), /^scrypt\$32768\$8\$1\$/);
  assert.equal(HASH_COST.cost, 32_768);

  const old = await hashAccessKey("key", CHEAP);
  assert.match(old, /^scrypt\$2\$1\$1\$/);
  assert.equal(await matchesAccessKey("key", old), true);
});

Deno.test("matchesAccessKey() knows scrypt of RFC 7914 §12", async () => {
  const salt = new TextEncoder().encode("NaCl").toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  // The first 32 of the 64 bytes given there for P="password", N=1024, r=8, p=16.
  const hash = Uint8Array.fromHex(
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162",
  ).toBase64({ alphabet: "base64url", omitPadding: true });

  assert.equal(
    await matchesAccessKey("password", `scrypt$1024$8$16$${salt}$${hash}`),
    true,
  );
});

Deno.test("matchesAccessKey() refuses a damaged hash", async () => {
  await assert.rejects(matchesAccessKey("key", "scrypt$oops"), SyntaxError);
});
