import assert from "node:assert/strict";
import {
  explainPermission,
  formatPermissions,
  NO_PERMISSIONS,
  parsePermissions,
  permissionsOf,
} from "../../../src/plugin/api/permissions.ts";

Deno.test.each([
  ["none", { plugin: undefined, permissions: NO_PERMISSIONS }],
  ["trusted", { plugin: undefined, permissions: "trusted" }],
  ["pin_dns:trusted", { plugin: "pin_dns", permissions: "trusted" }],
  ["net", {
    plugin: undefined,
    permissions: { net: true, read: false, write: false, env: false },
  }],
  ["write=/tmp/a,/tmp/b", {
    plugin: undefined,
    permissions: { ...NO_PERMISSIONS, write: ["/tmp/a", "/tmp/b"] },
  }],
  ["a:net=b.test:53, [::1]:80;env=HOME", {
    plugin: "a",
    permissions: {
      ...NO_PERMISSIONS,
      net: ["b.test:53", "[::1]:80"],
      env: ["HOME"],
    },
  }],
  ["read=C:\\x", {
    plugin: undefined,
    permissions: { ...NO_PERMISSIONS, read: ["C:\\x"] },
  }],
])("parsePermissions() reads %s", (text, expected) => {
  assert.deepEqual(parsePermissions(text), expected);
});

Deno.test.each([
  ["", /unknown permission "", use none, trusted, net, read, write or env$/],
  ["run", /unknown permission "run"/],
  ["a:all", /unknown permission "all"/],
  ["net=a,,b", /a value is empty/],
  ["net=", /a value is empty/],
  ["toString", /unknown permission "toString"/],
])("parsePermissions() refuses %s", (text, message) => {
  assert.throws(() => parsePermissions(text), { name: "SyntaxError", message });
});

Deno.test("permissionsOf() prefers the rule that names the plugin, and the last one", () => {
  const rules = ["a:net", "trusted", "a:env", "none"].map(parsePermissions);

  assert.deepEqual(permissionsOf("a", rules), { ...NO_PERMISSIONS, env: true });
  assert.deepEqual(permissionsOf("b", rules), NO_PERMISSIONS);
  assert.deepEqual(permissionsOf("b", []), NO_PERMISSIONS);
});

Deno.test.each([
  "none",
  "trusted",
  "pin_dns:trusted",
  "net",
  "a:net=b.test:53,[::1]:80;env=HOME",
  "a:read=/tmp;write=/tmp/out",
  "b:none",
])("formatPermissions() writes %s", (text) => {
  assert.equal(formatPermissions(parsePermissions(text)), text);
});

Deno.test.each([
  [
    'Requires read access to "/etc/hosts", run again with the --allow-read flag',
    'it has no read access to "/etc/hosts", allow it with --plugin-permissions "a:read=/etc/hosts"',
  ],
  [
    "Requires env access, run again with the --allow-env flag",
    'it has no env access, allow it with --plugin-permissions "a:env"',
  ],
  [
    'Requires run access to "ls", run again with the --allow-run flag',
    'it has no run access to "ls", which plugins cannot have',
  ],
  ["Requires a key", "Requires a key"],
])("explainPermission() explains %s", (message, explained) => {
  assert.equal(explainPermission(message, "a"), explained);
});
