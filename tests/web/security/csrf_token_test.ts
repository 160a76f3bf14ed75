import assert from "node:assert/strict";
import { CsrfToken } from "../../../src/web/security/csrf_token.ts";

function formWith(token: string): URLSearchParams {
  return new URLSearchParams({ token });
}

Deno.test("event loops that get the same cookie accept each other's forms", () => {
  const form = formWith(String(new CsrfToken("cookie-of-ann")));

  new CsrfToken("cookie-of-ann").check(form);
  assert.throws(() => new CsrfToken("cookie-of-bob").check(form), {
    status: 403,
  });
});

Deno.test("a token does not contain the secret that it follows from", () => {
  const token = String(new CsrfToken("cookie-of-ann"));

  assert.match(token, /^[0-9a-f]{64}$/);
  assert.equal(token.includes("cookie-of-ann"), false);
});

Deno.test("without a cookie each token is another, and a form without one is refused", () => {
  const token = new CsrfToken();

  token.check(formWith(String(token)));
  assert.throws(() => token.check(formWith(String(new CsrfToken()))));
  assert.throws(() => token.check(new URLSearchParams()), { status: 403 });
});
