import assert from "node:assert/strict";
import {
  type OwnedTunnel,
  Permissions,
} from "../../../src/server/accounts/permissions.ts";
import { directoryOf } from "../directory.ts";

const DIRECTORY = directoryOf({
  ann: { organization: "acme", team: "web" },
  bob: { organization: "acme" },
  lead: { organization: "acme", team: "web", role: "team-admin" },
  loose: { organization: "acme", role: "team-admin" },
  other: { organization: "acme", team: "app", role: "team-admin" },
  root: { organization: "acme", role: "admin" },
  ci: { organization: "acme", team: "web", role: "service" },
  eve: { organization: "umbrella", team: "web", role: "admin" },
});

const OWN: OwnedTunnel = { owner: "ann", shared: "" };
const SHARED: OwnedTunnel = { owner: "ann", shared: "all" };

/** `usm`: may use, see and manage. */
function rightsTo(tunnel: OwnedTunnel, user: string): string {
  const rights = new Permissions(user, DIRECTORY);
  return [
    rights.mayUse(tunnel) ? "u" : "-",
    rights.maySee(tunnel) ? "s" : "-",
    rights.mayManage(tunnel) ? "m" : "-",
  ].join("");
}

for (
  const [user, toOwn, toShared] of [
    ["ann", "usm", "usm"],
    ["bob", "---", "us-"],
    ["ci", "---", "us-"],
    ["lead", "-sm", "usm"],
    ["other", "---", "us-"],
    ["root", "-sm", "usm"],
    ["eve", "---", "---"],
    ["nobody", "---", "---"],
  ] as const
) {
  Deno.test(`${user} has the rights ${toOwn} to a tunnel of Ann's, and ${toShared} when she shares it`, () => {
    assert.equal(rightsTo(OWN, user), toOwn);
    assert.equal(rightsTo(SHARED, user), toShared);
  });
}

Deno.test("to have no team is not to be of one team", () => {
  assert.equal(rightsTo({ owner: "bob", shared: "" }, "loose"), "---");
});

Deno.test("what a removed user shares is nobody's", () => {
  assert.equal(rightsTo({ owner: "gone", shared: "all" }, "root"), "---");
});
