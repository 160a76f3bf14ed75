/** What a CA says, short enough for one line. */
import assert from "node:assert/strict";
import {
  AcmeError,
  kindOf,
  said,
} from "../../../src/server/acme/acme_error.ts";

Deno.test("the kind is the last part of a type", () => {
  assert.equal(kindOf("urn:ietf:params:acme:error:rateLimited"), "rateLimited");
  assert.equal(kindOf("rateLimited"), "rateLimited");
  assert.equal(kindOf(undefined), undefined);
});

/** What the CA says → what is shown. */
const SAID = [
  [
    "too many  certificates\n for this name.",
    "too many certificates for this name",
  ],
  [" a. b. ", "a. b"],
  ["", "it gave no reason"],
  [" \n", "it gave no reason"],
  [".", "it gave no reason"],
  [undefined, "it gave no reason"],
  ["x".repeat(300), "x".repeat(300)],
  ["x".repeat(301), `${"x".repeat(300)}…`],
] as const;

for (const [detail, text] of SAID) {
  Deno.test(`${JSON.stringify(detail)?.slice(0, 40)} is said`, () => {
    assert.equal(said(detail), text);
  });
}

Deno.test("an AcmeError has its facts, or none", () => {
  const cause = new Error("cause");
  const facts = { kind: "dns", retryAfter: 5, domain: "a.test", cause };
  const error = new AcmeError("no", facts);
  assert.equal(error.name, "AcmeError");
  assert.deepEqual(
    [error.message, error.kind, error.retryAfter, error.domain, error.cause],
    ["no", "dns", 5, "a.test", cause],
  );
  const bare = new AcmeError("no");
  assert.deepEqual(
    [bare.kind, bare.retryAfter, bare.domain, bare.cause],
    [undefined, undefined, undefined, undefined],
  );
});
