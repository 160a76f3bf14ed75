import assert from "node:assert/strict";

import { CLIENT_FIELDS } from "../../src/config/client_config.ts";
import { isRequired } from "../../src/config/field.ts";
import { check } from "../../src/config/load.ts";
import { testDeclaration } from "./declaration_rules.ts";

testDeclaration("client", { ...CLIENT_FIELDS });

Deno.test("the client needs a server, a user, a key and a name", () => {
  const required = Object.entries(CLIENT_FIELDS)
    .filter(([, each]) => isRequired(each)).map(([key]) => key);

  assert.deepEqual(required, [
    "server",
    "username",
    "accessKey",
    "tunnelName",
  ]);
});

Deno.test("the client opens 4 connections for each core, at most 16", () => {
  const { tunnelConnections } = check({
    tunnelConnections: CLIENT_FIELDS.tunnelConnections,
  }, new Map());

  assert.equal(
    tunnelConnections,
    Math.min(4 * navigator.hardwareConcurrency, 16),
  );
});

for (const name of ["a b", "a:b", "", "ä", "x".repeat(256)]) {
  Deno.test(`the client refuses the tunnel name "${name.slice(0, 9)}"`, () => {
    assert(!CLIENT_FIELDS.tunnelName.schema.safeParse(name).success);
  });
}
