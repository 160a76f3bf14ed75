import assert from "node:assert/strict";
import {
  generateSecret,
  SecretHash,
} from "../../../src/server/accounts/secret.ts";

Deno.test("generateSecret() gives 256 random bits that need no escaping", () => {
  const secret = generateSecret();

  assert.match(secret, /^[\w-]{43}$/);
  assert.notEqual(secret, generateSecret());
});

Deno.test("SecretHash recognises its secret and nothing else", () => {
  const secret = generateSecret();
  const hash = new SecretHash(secret);

  assert.equal(hash.matches(secret), true);
  assert.equal(hash.matches(`${secret} `), false);
  assert.equal(hash.matches(""), false);
});

Deno.test("SecretHash does not say its secret when it is printed", () => {
  const secret = generateSecret();

  assert.ok(!Deno.inspect(new SecretHash(secret)).includes(secret));
});
