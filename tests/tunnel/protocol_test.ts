/** @module */
import assert from "node:assert/strict";
import { connectPath, tunnelIdOf } from "../../src/tunnel/protocol.ts";

const ID = "0123456789abcdef0123456789abcdef";

Deno.test("tunnelIdOf() reads what connectPath() writes", () => {
  assert.equal(connectPath(ID), `/tunnels/${ID}/connect`);
  assert.equal(tunnelIdOf(connectPath(ID)), ID);
});

Deno.test("tunnelIdOf() knows no other target", () => {
  const targets = [
    ...["/", "*", "", "a.test:443", `/tunnels/${ID}`, `/tunnels/${ID}/`],
    ...[`/tunnels/${ID.toUpperCase()}/connect`, `/tunnels/${ID}0/connect`],
    ...[`/tunnels/${ID.slice(1)}/connect`, `/tunnels/../${ID}/connect`],
    ...[`/tunnels/${ID}/connect?a`, `//tunnels/${ID}/connect`],
    ...[`http://a.test/tunnels/${ID}/connect`, `/tunnels/${ID}/connect\n`],
  ];

  assert.deepEqual(targets.filter((target) => tunnelIdOf(target)), []);
});
