import assert from "node:assert/strict";
import {
  externalUserOf,
  NoGroupError,
} from "../../../../src/server/web/oidc/map_claims.ts";

const MAPPING = {
  userClaim: "email",
  groupsClaim: "groups",
  groups: [
    { group: "admins", role: "admin", organization: undefined, team: "core" },
    {
      group: "partners",
      role: "member",
      organization: "acme",
      team: undefined,
    },
  ],
} as const;
const identity = { issuer: "https://login.test", subject: "1" };

function mapped(claims: Record<string, unknown>): unknown {
  const { name, membership } = externalUserOf({ identity, claims }, MAPPING);
  return [name, membership];
}

Deno.test("the first rule that fits decides, whatever the order of the groups", () => {
  const email = "jo@login.test";

  assert.deepEqual(mapped({ email, groups: ["partners", "admins"] }), [
    email,
    { organization: "default", role: "admin", team: "core" },
  ]);
  assert.deepEqual(mapped({ email, groups: "partners" }), [
    email,
    { organization: "acme", role: "member", team: undefined },
  ]);
});

for (
  const [about, groups] of Object.entries({
    "other groups": ["cooks"],
    "a part of a name": ["admin"],
    "another case": ["Admins"],
    "numbers": [1, 2],
    "a table": { admins: true },
    "nothing": undefined,
    "a huge name": ["x".repeat(100_000)],
  })
) {
  Deno.test(`nobody gets in with ${about} in the claim`, () => {
    assert.throws(() => mapped({ email: "jo", groups }), NoGroupError);
  });
}

Deno.test("too many groups for the provider are named as such", () => {
  const claims = { email: "jo", "_claim_names": { groups: "src1" } };

  assert.throws(() => mapped(claims), /you have too many groups/);
});

Deno.test("an unverified address signs nobody in", () => {
  for (const verified of [false, "false"]) {
    const claims = {
      email: "jo@login.test",
      "email_verified": verified,
      groups: ["admins"],
    };
    assert.throws(() => mapped(claims), /is not verified at the identity/);
  }
});
