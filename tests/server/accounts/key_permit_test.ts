/** Until when a browser's connection may stay open. */
import assert from "node:assert/strict";
import {
  KeyPermit,
  PROXY_SCOPES,
  type UsedTunnel,
} from "../../../src/server/accounts/key_permit.ts";
import type {
  AccountView,
  Permit,
} from "../../../src/server/accounts/permission_watcher.ts";

const KEY = { id: "1", name: "ci", scope: "all" } as const;

function tunnel(owner: string, status: UsedTunnel["status"] = "running") {
  return { owner, shared: "all", status } as const satisfies UsedTunnel;
}

/** Accounts in which these keys are valid, and `ann` may use tunnels of these owners. */
function view(
  { keys = ["1"], owners = ["ann"] }: {
    readonly keys?: readonly string[];
    readonly owners?: readonly string[];
  } = {},
): AccountView & { readonly scopes: string[] } {
  const scopes: string[] = [];
  return {
    scopes,
    hasKey(user, { id }, wanted) {
      scopes.push(...wanted);
      return user === "ann" && keys.includes(id);
    },
    permissionsOf(user) {
      assert.equal(user, "ann");
      return {
        mayUse: ({ owner }: UsedTunnel) => owners.includes(owner),
      } as never;
    },
    userOf: () => undefined,
    organizationOf: () => undefined,
  };
}

Deno.test("a permit holds while its key is valid for the proxy port", () => {
  const permit = new KeyPermit("ann", KEY);
  const accounts = view();
  assert.equal(permit.holds(accounts), true);
  assert.deepEqual(accounts.scopes, [...PROXY_SCOPES]);
  assert.deepEqual(PROXY_SCOPES, ["all", "use"]);
  assert.equal(permit.holds(view({ keys: [] })), false);
});

Deno.test("a permit ends when one of its tunnels may not be used any more", () => {
  const permit = new KeyPermit("ann", KEY);
  permit.noteUse([tunnel("ann"), tunnel("bob")]);
  assert.equal(permit.holds(view({ owners: ["ann", "bob"] })), true);
  assert.equal(permit.holds(view({ owners: ["ann"] })), false);
  assert.equal(permit.holds(view({ owners: ["bob"] })), false);
});

Deno.test("a tunnel that has ended does not count, and is forgotten", () => {
  const permit = new KeyPermit("ann", KEY);
  const ended = { ...tunnel("bob") } as { status: UsedTunnel["status"] };
  permit.noteUse([ended as UsedTunnel]);
  assert.equal(permit.holds(view()), false);
  ended.status = "terminated";
  assert.equal(permit.holds(view()), true);
  ended.status = "running";
  assert.equal(permit.holds(view()), true);
});

Deno.test("uses with the same key of the same user go on", () => {
  const before = new KeyPermit("ann", KEY);
  before.noteUse([tunnel("bob")]);
  const after = new KeyPermit("ann", { ...KEY });
  after.follow(before);
  assert.equal(after.holds(view({ owners: ["ann"] })), false);
});

/** What comes before → it says nothing about the permit behind it. */
const OTHERS: Readonly<Record<string, Permit>> = {
  "another key": used(new KeyPermit("ann", { ...KEY, id: "2" })),
  "another user": used(new KeyPermit("eve", KEY)),
  "another kind": { holds: () => false },
};

function used(permit: KeyPermit): KeyPermit {
  permit.noteUse([tunnel("bob")]);
  return permit;
}

for (const [what, before] of Object.entries(OTHERS)) {
  Deno.test(`${what} before does not matter`, () => {
    const permit = new KeyPermit("ann", KEY);
    permit.follow(before);
    assert.equal(permit.holds(view({ owners: ["ann"] })), true);
  });
}
