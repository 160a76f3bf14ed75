import assert from "node:assert/strict";
import { isSameSecret } from "../../../src/api/serving/same_secret.ts";

Deno.test("isSameSecret() compares texts of any length", () => {
  assert.equal(isSameSecret("secret", "secret"), true);
  assert.equal(isSameSecret("secret", "secreT"), false);
  assert.equal(isSameSecret("secret", "secret2"), false);
  assert.equal(isSameSecret("", ""), true);
});
