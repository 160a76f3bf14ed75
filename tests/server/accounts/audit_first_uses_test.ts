/** A use of another user's tunnel is in the audit log once a day. */
import assert from "node:assert/strict";
import { FirstUseAudit } from "../../../src/server/accounts/audit_first_uses.ts";
import { SharedTables } from "../../../src/server/accounts/shared_tables.ts";

const DAY = 24 * 60 * 60 * 1000;

function setUp(shares?: SharedTables) {
  let now = 20_000 * DAY;
  const recorded: string[] = [];
  const audit = new FirstUseAudit({
    recordFirstUse: (by, owner, name) =>
      void recorded.push(`${by.user} ${owner} ${name}`),
  }, { now: () => now, ...shares !== undefined && { shares } });
  const note = (user: string, owner: string, name: string) =>
    audit.note({ by: { user, key: "ci", address: "" }, owner, name });
  return { note, recorded, pass: (ms: number) => now += ms };
}

Deno.test("the first use of a day is recorded, the others are not", () => {
  const { note, recorded, pass } = setUp();
  note("ann", "bob", "nightly");
  note("ann", "bob", "nightly");
  pass(DAY - 1);
  note("ann", "bob", "nightly");
  assert.equal(recorded.length, 1);
  pass(1);
  note("ann", "bob", "nightly");
  note("ann", "bob", "nightly");
  assert.deepEqual(recorded, ["ann bob nightly", "ann bob nightly"]);
});

Deno.test("each user, owner and tunnel counts for itself", () => {
  const { note, recorded } = setUp();
  note("ann", "bob", "nightly");
  note("eve", "bob", "nightly");
  note("ann", "eve", "nightly");
  note("ann", "bob", "daily");
  assert.deepEqual(recorded, [
    "ann bob nightly",
    "eve bob nightly",
    "ann eve nightly",
    "ann bob daily",
  ]);
});

Deno.test("what is remembered is bounded, and a use that was used lately stays", () => {
  const shares = new SharedTables();
  const { note, recorded } = setUp(shares);
  note("ann", "bob", "first");
  for (let at = 0; at < 9_999; at++) {
    if (at === 9_000) note("ann", "bob", "first");
    note("ann", "bob", `${at}`);
  }
  assert.equal(recorded.length, 10_000);
  assert.equal(shares.evictions.get("first_uses"), undefined);

  note("ann", "bob", "one more");
  assert.equal(shares.evictions.get("first_uses"), 1);
  note("ann", "bob", "first");
  assert.equal(recorded.length, 10_001);
});

Deno.test("one user with many uses pushes out none of another user", () => {
  const { note, recorded } = setUp();
  note("eve", "bob", "rare");
  for (let at = 0; at < 10_005; at++) note("ann", "bob", `${at}`);
  const before = recorded.length;
  note("eve", "bob", "rare");
  assert.equal(recorded.length, before);
});
