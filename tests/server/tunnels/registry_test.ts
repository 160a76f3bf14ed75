import assert from "node:assert/strict";
import { SharedTables } from "../../../src/server/accounts/shared_tables.ts";
import { directoryOf } from "../directory.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";
import { FakeSession } from "../fake_session.ts";

/** Joe is of another organization. */
const PLACES = { ann: "acme", bob: "acme", joe: "umbrella" } as const;

function end(tunnel: Tunnel): void {
  tunnel.beginStop({ reason: "sigterm", byUser: true });
  tunnel.markTerminated();
}

Deno.test("create() gives an id of 32 hexadecimal digits and two working secrets", () => {
  const registry = new TunnelRegistry();

  const { tunnel, tunnelToken, proxyPassword } = registry.create({
    owner: "ann",
    name: "shop",
  });

  assert.match(tunnel.id, /^[0-9a-f]{32}$/);
  assert.equal(registry.get(tunnel.id), tunnel);
  assert.equal(registry.findByToken(tunnelToken), tunnel);
  assert.equal(tunnel.acceptsProxyPassword(proxyPassword), true);
  assert.equal(tunnel.acceptsProxyPassword(tunnelToken), false);
});

Deno.test("findByToken() refuses what is not exactly the token of a live tunnel", () => {
  const registry = new TunnelRegistry();
  const one = registry.create({ owner: "ann", name: "one" });
  const two = registry.create({ owner: "ann", name: "two" });
  const [, secretOfTwo] = two.tunnelToken.split(".");

  assert.equal(registry.findByToken(""), undefined);
  assert.equal(registry.findByToken(one.tunnel.id), undefined);
  assert.equal(registry.findByToken(`${one.tunnel.id}.`), undefined);
  assert.equal(
    registry.findByToken(`${one.tunnel.id}.${secretOfTwo}`),
    undefined,
  );

  end(one.tunnel);
  assert.equal(registry.findByToken(one.tunnelToken), undefined);
});

Deno.test("find() gives the live tunnels of one owner and name, oldest first", () => {
  const registry = new TunnelRegistry();
  const first = registry.create({ owner: "ann", name: "pool" }).tunnel;
  const second = registry.create({ owner: "ann", name: "pool" }).tunnel;
  registry.create({ owner: "bob", name: "pool" });
  registry.create({ owner: "ann", name: "other" });

  assert.deepEqual(registry.find("ann", "pool"), [first, second]);
  end(first);
  assert.deepEqual(registry.find("ann", "pool"), [second]);
  end(second);
  assert.deepEqual(registry.find("ann", "pool"), []);
});

Deno.test("list() shows newest first, ended ones only on request, one owner's on request", () => {
  const registry = new TunnelRegistry();
  const old = registry.create({ owner: "ann", name: "old" }).tunnel;
  const bobs = registry.create({ owner: "bob", name: "b" }).tunnel;
  const young = registry.create({ owner: "ann", name: "young" }).tunnel;
  end(old);

  assert.deepEqual(registry.list(), [young, bobs]);
  assert.deepEqual(registry.list({ owner: "ann" }), [young]);
  assert.deepEqual(registry.list({ owner: "ann", ended: true }), [young, old]);
});

Deno.test("TunnelRegistry keeps so many ended tunnels and forgets the oldest", () => {
  const registry = new TunnelRegistry({ maxEnded: 2 });
  const [first, second, third] = ["1", "2", "3"].map((name) =>
    registry.create({ owner: "ann", name }).tunnel
  );
  const live = registry.create({ owner: "ann", name: "live" }).tunnel;

  for (const tunnel of [first, second, third]) if (tunnel) end(tunnel);

  assert.deepEqual(registry.list({ ended: true }), [live, third, second]);
});

Deno.test("TunnelRegistry: tunnels of one organization erase the history of no other, nor those of one user a colleague's", () => {
  const registry = new TunnelRegistry({
    maxEnded: 10,
    shares: new SharedTables(directoryOf(PLACES)),
  });
  const end = (owner: string) => {
    const { tunnel } = registry.create({ owner, name: "lab" });
    tunnel.beginStop({ reason: "test", byUser: true });
    tunnel.markTerminated();
  };
  end("joe");
  end("bob");
  for (let count = 0; count < 100; count += 1) end("ann");

  const kept = registry.list({ ended: true }).map(({ owner }) => owner);

  assert.deepEqual(kept, [
    ...Array.from({ length: 8 }, () => "ann"),
    "bob",
    "joe",
  ]);
});

Deno.test("changes tell a tunnel's whole life in order", async () => {
  const registry = new TunnelRegistry();
  const kinds: string[] = [];
  registry.changes.subscribe((change) => kinds.push(change.kind));
  const { tunnel } = registry.create({ owner: "ann", name: "shop" });
  const session = new FakeSession();

  tunnel.attach(session);
  session.cut();
  await assert.rejects(session.done);
  end(tunnel);
  registry.remove(tunnel.id);

  assert.deepEqual(kinds, [
    "created",
    "attached",
    "detached",
    "stopping",
    "terminated",
    "removed",
  ]);
});

Deno.test("remove() forgets a tunnel, once", () => {
  const registry = new TunnelRegistry();
  const { tunnel } = registry.create({ owner: "ann", name: "shop" });

  assert.equal(registry.remove(tunnel.id), true);
  assert.equal(registry.remove(tunnel.id), false);
  assert.equal(registry.get(tunnel.id), undefined);
  assert.deepEqual(registry.find("ann", "shop"), []);
});
