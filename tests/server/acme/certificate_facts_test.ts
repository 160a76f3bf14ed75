/** What the renewal knows of a certificate: its names, and when it is renewed. */
import assert from "node:assert/strict";
import {
  certificateFacts,
  isFor,
  renewalTime,
} from "../../../src/server/acme/certificate_facts.ts";
import { createTestAuthority } from "../../testing/certs.ts";

const BEGIN = new Date("2026-01-01T00:00:00Z");
const END = new Date("2026-04-01T00:00:00Z");

Deno.test("facts are of the first certificate: host names and times", async () => {
  const authority = await createTestAuthority();
  const { cert } = await authority.issue(["A.test", "b.test", "192.0.2.1"], {
    notBefore: BEGIN,
    notAfter: END,
  });
  assert.deepEqual(certificateFacts(`${cert}\n${authority.ca}`), {
    names: ["a.test", "b.test"],
    from: BEGIN.getTime(),
    to: END.getTime(),
  });
  // The authority's own has no names.
  assert.deepEqual(certificateFacts(authority.ca).names, []);
});

Deno.test("text without a certificate is refused", () => {
  assert.throws(() => certificateFacts("nothing"));
});

const FACTS = { names: ["a.test", "b.test"], from: 0, to: 900 };

/** Names and time → whether the certificate is for them. */
const ROWS = [
  [["a.test", "b.test"], 0, true],
  [["b.test", "a.test"], 899, true],
  [["a.test", "b.test", "a.test"], 0, true],
  [["a.test", "b.test"], 900, false],
  [["a.test"], 0, false],
  [["a.test", "c.test"], 0, false],
  [["a.test", "b.test", "c.test"], 0, false],
  [[], 0, false],
] as const;

for (const [domains, now, isRight] of ROWS) {
  Deno.test(`at ${now} it is ${isRight ? "" : "not "}for "${domains}"`, () => {
    assert.equal(isFor(FACTS, domains, now), isRight);
  });
}

Deno.test("a certificate is renewed with a third of its life left, and a little earlier", () => {
  assert.equal(renewalTime(FACTS, 0), 600);
  assert.equal(renewalTime(FACTS, 0.5), 585);
  assert.equal(renewalTime(FACTS, 1), 570);
  assert.equal(renewalTime({ ...FACTS, from: 300 }, 0), 700);
});
