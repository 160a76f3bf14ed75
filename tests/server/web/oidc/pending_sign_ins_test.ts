import assert from "node:assert/strict";
import { SharedTables } from "../../../../src/server/accounts/shared_tables.ts";
import {
  PendingSignIns,
  SIGN_IN_TIME,
} from "../../../../src/server/web/oidc/pending_sign_ins.ts";

const PLACE = {
  redirectUri: "https://lab.test/login/oidc/callback",
  next: "/",
  address: "192.0.2.1",
} as const;

Deno.test("a sign-in ends once, in the browser that began it", () => {
  const pending = new PendingSignIns(() => 0);
  const { signIn, cookie } = pending.begin(PLACE);
  const other = pending.begin(PLACE);

  assert.equal(pending.end(signIn.state, other.cookie), undefined);
  assert.equal(pending.end(signIn.state, undefined), undefined);
  assert.equal(pending.end("unknown", cookie), undefined);
  assert.equal(pending.end(signIn.state, cookie)?.nonce, signIn.nonce);
  assert.equal(pending.end(signIn.state, cookie), undefined);
});

Deno.test("two windows of one browser sign in side by side", () => {
  const pending = new PendingSignIns(() => 0);
  const first = pending.begin(PLACE);
  const second = pending.begin({ ...PLACE, cookie: first.cookie });

  assert.equal(second.cookie, first.cookie);
  assert.notEqual(second.signIn.state, first.signIn.state);
  assert.ok(pending.end(first.signIn.state, second.cookie));
  assert.ok(pending.end(second.signIn.state, second.cookie));
});

Deno.test("a cookie that this server did not make is replaced", () => {
  const pending = new PendingSignIns(() => 0);

  const { cookie } = pending.begin({ ...PLACE, cookie: "chosen" });

  assert.match(cookie, /^[\w-]{43}$/);
});

Deno.test("a sign-in that takes too long has ended", () => {
  let now = 0;
  const pending = new PendingSignIns(() => now);
  const { signIn, cookie } = pending.begin(PLACE);

  now = SIGN_IN_TIME;

  assert.equal(pending.end(signIn.state, cookie), undefined);
});

Deno.test("an address with very many sign-ins loses its own, and others lose none", () => {
  const shares = new SharedTables();
  const pending = new PendingSignIns(() => 0, shares);
  const own = pending.begin(PLACE);
  const flood = { ...PLACE, address: "2001:db8::1" };
  const first = pending.begin(flood);

  for (let at = 0; at < 5_000; at += 1) {
    pending.begin({ ...flood, address: `2001:db8::${at.toString(16)}` });
  }

  assert.equal(pending.size, 201);
  assert.equal(shares.evictions.get("pending_sign_ins"), 4_801);
  assert.equal(pending.end(first.signIn.state, first.cookie), undefined);
  assert.ok(pending.end(own.signIn.state, own.cookie));
});

Deno.test("very many addresses keep no more than the table has room for", () => {
  const pending = new PendingSignIns(() => 0);

  for (let at = 0; at < 3_000; at += 1) {
    pending.begin({ ...PLACE, address: `10.0.${at >> 8}.${at & 255}` });
  }

  assert.equal(pending.size, 2_000);
});
