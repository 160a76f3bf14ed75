import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";
import {
  addCredentials,
  findCredentials,
} from "../../src/http/site_credentials.ts";

const ALL = [
  { hostname: "*", port: "*", username: "any", password: "" },
  { hostname: "shop.test", port: "*", username: "host", password: "" },
  { hostname: "*", port: 8443, username: "port", password: "" },
  { hostname: "shop.test", port: 8443, username: "both", password: "" },
] as const;

for (
  const [hostname, port, username] of [
    ["shop.test", 8443, "both"],
    ["SHOP.test.", 8443, "both"],
    ["other.test", 8443, "port"],
    ["shop.test", 80, "host"],
    ["other.test", 80, "any"],
  ] as const
) {
  Deno.test(`findCredentials() for ${hostname}:${port} finds those of "${username}"`, () => {
    const found = findCredentials(ALL)({ hostname, port });

    assert.equal(found?.username, username);
  });
}

Deno.test("findCredentials() finds nothing where nothing matches", () => {
  const find = findCredentials(ALL.slice(3));

  assert.equal(find({ hostname: "shop.test", port: 80 }), undefined);
});

Deno.test("addCredentials() leaves alone what the browser says itself", () => {
  const own = new Fields(["authorization", "Bearer x"]);
  const none = new Fields();

  addCredentials(own, { username: "jane", password: "é" });
  addCredentials(none, { username: "jane", password: "é" });

  assert.deepEqual(own.getAll("Authorization"), ["Bearer x"]);
  assert.equal(none.get("Authorization"), "Basic amFuZTrDqQ==");
});
