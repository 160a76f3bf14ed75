/** Users, invitations, keys and audit entries as the REST API shows them. */
import assert from "node:assert/strict";
import {
  auditStateOf,
  invitationStateOf,
  keyStateOf,
  userStateOf,
} from "../../../src/server/rest/account_state.ts";

const USER = {
  name: "ann",
  role: "member",
  organization: "default",
  team: undefined,
  createdAt: 1_999,
  disabled: undefined,
  identity: undefined,
} as const;

Deno.test("a user without team and identity", () => {
  assert.deepEqual(userStateOf(USER as never), {
    ...{ name: "ann", role: "member", team: null, organization: "default" },
    ...{ creation_time: 1, disabled: false, external: false },
  });
});

Deno.test("a user with all there is", () => {
  const identity = { issuer: "https://id.test", subject: "7" };
  const user = { ...USER, team: "web", disabled: "admin", identity };
  assert.deepEqual(userStateOf(user as never), {
    ...{ name: "ann", role: "member", team: "web", organization: "default" },
    ...{ creation_time: 1, disabled: true, external: true },
  });
});

const INVITATION = {
  ...{ id: "i1", role: "admin", organization: "default", invitedBy: "ann" },
  ...{ createdAt: 1_000, expiresAt: 61_999 },
};

Deno.test("an invitation that nobody has used", () => {
  assert.deepEqual(invitationStateOf(INVITATION as never), {
    ...{ id: "i1", role: "admin", team: null, invited_by: "ann" },
    ...{ creation_time: 1, expiration_time: 61 },
    ...{ used_time: null, used_by: null },
  });
});

Deno.test("an invitation that was used", () => {
  const used = { ...INVITATION, team: "web", usedAt: 0, usedBy: "bob" };
  assert.deepEqual(invitationStateOf(used as never), {
    ...{ id: "i1", role: "admin", team: "web", invited_by: "ann" },
    ...{ creation_time: 1, expiration_time: 61 },
    ...{ used_time: 0, used_by: "bob" },
  });
});

Deno.test("a key, with and without its times", () => {
  const key = { name: "ci", scope: "use", createdAt: 5_000 } as const;
  assert.deepEqual(keyStateOf("ann", key as never), {
    ...{ user: "ann", name: "ci", scope: "use", creation_time: 5 },
    ...{ expiration_time: null, last_used: null },
  });
  const timed = { ...key, expiresAt: 7_500, lastUsedAt: 6_999 };
  assert.deepEqual(keyStateOf("ann", timed as never), {
    ...{ user: "ann", name: "ci", scope: "use", creation_time: 5 },
    ...{ expiration_time: 7, last_used: 6 },
  });
});

Deno.test("an audit entry has null where there is nothing to say", () => {
  const entry = { id: 3, at: 9_999, action: "key_added" } as const;
  const by = { user: "ann", key: "", address: "" };
  const bare = { ...entry, by, user: "", object: "", detail: "" };
  assert.deepEqual(auditStateOf(bare as never), {
    ...{ id: 3, time: 9, actor: "ann", key: null, address: null },
    ...{ action: "key_added", user: null, object: null, detail: null },
  });
  const full = {
    ...entry,
    by: { user: "ann", key: "default", address: "192.0.2.1" },
    ...{ user: "bob", object: "ci", detail: "use" },
  };
  assert.deepEqual(auditStateOf(full as never), {
    ...{ id: 3, time: 9, actor: "ann", key: "default", address: "192.0.2.1" },
    ...{ action: "key_added", user: "bob", object: "ci", detail: "use" },
  });
});
