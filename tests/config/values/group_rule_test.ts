import assert from "node:assert/strict";
import * as z from "zod";

import { PLAIN_NAME } from "../../../src/api/resources/account_types.ts";
import {
  type GroupRule,
  groupRule,
} from "../../../src/config/values/group_rule.ts";

const RULE = groupRule();
const PLAIN = { organization: undefined, team: undefined } as const;

Deno.test.each<[string, GroupRule]>([
  ["testers=member", { ...PLAIN, group: "testers", role: "member" }],
  ["*=admin", { ...PLAIN, group: "*", role: "admin" }],
  ["/lab/web=team-admin/web", {
    ...PLAIN,
    group: "/lab/web",
    role: "team-admin",
    team: "web",
  }],
  ["cn=lab,ou=groups=member", {
    ...PLAIN,
    group: "cn=lab,ou=groups",
    role: "member",
  }],
  ['{"group":"a=b/c","role":"member","team":"web","org":"acme"}', {
    group: "a=b/c",
    role: "member",
    team: "web",
    organization: "acme",
  }],
])(
  "groupRule() reads %s, and writes it so that it reads the same",
  (text, rule) => {
    const read = RULE.parse(text);

    assert.deepEqual(read, rule);
    assert.deepEqual(RULE.parse(z.encode(RULE, read)), rule);
  },
);

Deno.test.each<[string, RegExp]>([
  ["testers", /expected group=role or group=role\/team/],
  ["=member", /expected group=role/],
  ["testers=", /expected group=role/],
  ["testers=membr", /expected admin, team-admin or member.*member/],
  ["testers=service", /expected admin, team-admin or member/],
  ["testers=member/a b", /expected 1 to 64 letters/],
  ['{"group":"a"}', /expected admin, team-admin or member/],
  ['{"role":"member"}', /the name of a group, or \* for everybody/],
  ['{"group":"a","role":"member","tema":"x"}', /no such key, .*team/],
  ['{"group":"a","role":"member","org":"a b"}', /expected 1 to 64 letters/],
  ["{", /expected group=role/],
])("groupRule() refuses %s in words", (text, words) => {
  const { error } = RULE.safeParse(text);

  assert.match(
    error?.issues.map(({ message }) => message).join("\n") ?? "",
    words,
  );
});

Deno.test("groupRule() takes the same names of teams as accounts do", () => {
  for (
    const team of ["web", ".", "..", "a b", "ä", "x".repeat(65), "a.b-c_d"]
  ) {
    const { success } = RULE.safeParse(
      JSON.stringify({ group: "g", role: "member", team }),
    );

    assert.equal(success, PLAIN_NAME.test(team), team);
  }
});
