import assert from "node:assert/strict";
import { mintSecret, SecretHash } from "../../../src/server/accounts/secret.ts";

Deno.test("mintSecret() gives 256 random bits that need no escaping", () => {
  const secret = mintSecret();

  assert.match(secret, /^[\w-]{43}$/);
  assert.notEqual(secret, mintSecret());
});

Deno.test("SecretHash recognises its secret and nothing else", () => {
  const secret = mintSecret();
  const hash = new SecretHash(secret);

  assert.equal(hash.matches(secret), true);
  assert.equal(hash.matches(`${secret} `), false);
  assert.equal(hash.matches(""), false);
});

Deno.test("SecretHash does not say its secret when it is printed", () => {
  const secret = mintSecret();

  assert.ok(!Deno.inspect(new SecretHash(secret)).includes(secret));
});
