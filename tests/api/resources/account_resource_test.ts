/** What requests about users, keys and the audit log may say: each bound from both sides. */
import assert from "node:assert/strict";
import type { z } from "zod";
import * as resource from "../../../src/api/resources/account_resource.ts";

const TEN_YEARS = 10 * 366 * 24 * 3600;
const QUARTER = 90 * 24 * 3600;

/** Schema → what it takes, and what it does not. */
const ROWS: readonly (readonly [
  name: string,
  schema: z.ZodType,
  taken: readonly object[],
  refused: readonly object[],
])[] = [
  [
    "a new user",
    resource.createUserRequest,
    [
      { name: "a" },
      { name: "A.b_c-d@e.test" },
      { name: "x".repeat(64), team: "web", role: "admin" },
      { name: "bot", role: "service" },
    ],
    [
      {},
      { name: "" },
      { name: "x".repeat(65) },
      { name: "a+b" },
      { name: "a!" },
      { name: "a", team: "" },
      { name: "a", team: "a b" },
      { name: "a", team: null },
      { name: "a", role: "root" },
      { name: "a", other: 1 },
    ],
  ],
  [
    "a changed user",
    resource.changeUserRequest,
    [
      {},
      { team: null },
      { team: "x".repeat(64), role: "member", disabled: true },
      { disabled: false },
    ],
    [{ team: "x".repeat(65) }, { disabled: 1 }, { name: "b" }, { role: null }],
  ],
  [
    "a new invitation",
    resource.createInvitationRequest,
    [{}, { expires_in: 60 }, { expires_in: QUARTER, role: "admin" }],
    [
      { expires_in: 59 },
      { expires_in: QUARTER + 1 },
      { expires_in: 60.5 },
      { role: "service" },
      { name: "a" },
    ],
  ],
  [
    "a new key",
    resource.createKeyRequest,
    [
      { name: "ci" },
      { name: "ci", expires_in: 1 },
      { name: "ci", expires_in: TEN_YEARS },
      ...["all", "start", "use", "read"].map((scope) => ({ name: "k", scope })),
    ],
    [
      {},
      { name: "a@b" },
      { name: "ci", expires_in: 0 },
      { name: "ci", expires_in: TEN_YEARS + 1 },
      { name: "ci", scope: "write" },
      { name: "ci", user: "ann" },
    ],
  ],
  [
    "a query of the audit log",
    resource.auditLogQuery,
    [
      {},
      { limit: "1", since: "0", before: "1" },
      { limit: "1000", since: "999999999999", before: "999999999999" },
    ],
    [
      { limit: "0" },
      { limit: "1001" },
      { since: "-1" },
      { since: "1000000000000" },
      { before: "0" },
      { before: "1000000000000" },
      { since: "yesterday" },
      { after: "1" },
    ],
  ],
  [
    "a reply about what was removed",
    resource.removedReply,
    [{ result: true, name: "ci" }],
    [{ result: false, name: "ci" }, { result: true }],
  ],
];

for (const [name, schema, taken, refused] of ROWS) {
  for (const value of taken) {
    Deno.test(`${name} may be ${shown(value)}`, () => {
      assert.equal(schema.safeParse(value).success, true);
    });
  }
  for (const value of refused) {
    Deno.test(`${name} may not be ${shown(value)}`, () => {
      assert.equal(schema.safeParse(value).success, false);
    });
  }
}

function shown(value: object): string {
  return JSON.stringify(value).slice(0, 60);
}

Deno.test("the bounds that others use", () => {
  assert.equal(resource.MAX_AUDIT_ENTRIES, 1000);
  assert.equal(resource.MAX_INVITATION, QUARTER);
});
