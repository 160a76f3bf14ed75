import assert from "node:assert/strict";
import { openAccounts } from "../../../src/server/accounts/accounts.ts";
import { TunnelController } from "../../../src/server/tunnels/controller.ts";
import {
  REVOCATION_CHECK_INTERVAL,
  watchRevocations,
} from "../../../src/server/tunnels/revocation_watcher.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { recordLog } from "../../testing/event_log.ts";
import { FakeSession } from "../fake_session.ts";
import { ManualClock } from "../manual_clock.ts";

const cost = { cost: 2, blockSize: 1, parallelization: 1 } as const;

Deno.test("watchRevocations() ends the tunnels of a removed user, and no others", async () => {
  const clock = new ManualClock();
  const registry = new TunnelRegistry({ now: () => clock.now() });
  await using controller = new TunnelController(registry, { clock });
  const users = new Set(["ann", "bob"]);
  using _watch = watchRevocations({
    accounts: { hasUser: (name) => users.has(name), listKeys: () => [] },
    registry,
    controller,
    clock,
  });
  const { tunnel: anns } = controller.create({ owner: "ann", name: "shop" });
  const { tunnel: bobs } = controller.create({ owner: "bob", name: "shop" });
  anns.attach(new FakeSession());
  bobs.attach(new FakeSession());

  clock.advance(REVOCATION_CHECK_INTERVAL);
  assert.equal(anns.isStopping, false);
  users.delete("ann");
  clock.advance(REVOCATION_CHECK_INTERVAL);
  await anns.terminated;

  assert.equal(anns.stopCause?.reason, "userRemoved");
  assert.equal(bobs.isStopping, false);
});

Deno.test("watchRevocations() looks again when it could not, and says why", async () => {
  const clock = new ManualClock();
  const registry = new TunnelRegistry({ now: () => clock.now() });
  await using log = await recordLog();
  await using controller = new TunnelController(registry, { clock });
  let isBroken = true;
  const hasUser = () => {
    if (isBroken) throw new Error("disk I/O error");
    return false;
  };
  const accounts = { hasUser, listKeys: () => [] };
  using _watch = watchRevocations({ accounts, registry, controller, clock });
  const { tunnel } = controller.create({ owner: "ann", name: "shop" });

  clock.advance(REVOCATION_CHECK_INTERVAL);
  assert.equal(tunnel.isStopping, false);
  isBroken = false;
  clock.advance(REVOCATION_CHECK_INTERVAL);

  assert.equal(tunnel.stopCause?.reason, "userRemoved");
  const errors = log.all.filter(({ level }) => level === "error");
  assert.deepEqual(
    errors,
    log.matching("failed to read users and keys", { error: "disk I/O error" }),
  );
  assert.equal(errors.length, 1);
});

Deno.test("watchRevocations() ends the tunnels of a key that was made again under its name between two looks", async () => {
  const clock = new ManualClock();
  using accounts = openAccounts(":memory:", { cost });
  const registry = new TunnelRegistry({ now: () => clock.now() });
  await using controller = new TunnelController(registry, { clock });
  using _watch = watchRevocations({ accounts, registry, controller, clock });
  await accounts.bootstrap([{ name: "ann", key: "first" }, {
    name: "bob",
    key: "bob",
  }]);
  await accounts.addKey("ann", { name: "ci" });
  await accounts.addKey("ann", { name: "kept" });
  const tunnelOf = (owner: string, key: string) => {
    const keyId = accounts.findKey(owner, key)?.id ?? assert.fail();
    return controller.create({ owner, name: key, keyId }).tunnel;
  };
  const [ci, first, kept, bobs] = [
    tunnelOf("ann", "ci"),
    tunnelOf("ann", "default"),
    tunnelOf("ann", "kept"),
    tunnelOf("bob", "default"),
  ];

  await accounts.revokeKey("ann", "ci");
  await accounts.addKey("ann", { name: "ci" });
  await accounts.bootstrap([{ name: "ann", key: "second" }]);
  await accounts.removeUser("bob");
  await accounts.addUser("bob");
  clock.advance(REVOCATION_CHECK_INTERVAL);

  assert.deepEqual(
    [ci, first, bobs, kept].map((each) => each?.stopCause?.reason),
    ["keyRevoked", "keyRevoked", "keyRevoked", undefined],
  );
});

Deno.test("watchRevocations() ends tunnels whose key was revoked or has expired, and no others", async () => {
  const clock = new ManualClock();
  const registry = new TunnelRegistry({ now: () => clock.now() });
  await using controller = new TunnelController(registry, { clock });
  const expiresAt = clock.now() + 3 * REVOCATION_CHECK_INTERVAL;
  const keys = new Map([["ci", undefined], ["old", undefined], [
    "short",
    expiresAt,
  ]]);
  const listKeys = () =>
    [...keys].map(([name, expiresAt]) => ({
      id: `id of ${name}`,
      name,
      expiresAt,
      createdAt: 0,
      lastUsedAt: undefined,
      scope: "all" as const,
    }));
  using _watch = watchRevocations({
    accounts: { hasUser: () => true, listKeys },
    registry,
    controller,
    clock,
  });
  const [ci, old, short, unknown] = ["ci", "old", "short", undefined]
    .map((key) => {
      const { tunnel } = controller.create({
        owner: "ann",
        name: String(key),
        keyId: key && `id of ${key}`,
      });
      tunnel.attach(new FakeSession());
      return tunnel;
    });

  clock.advance(REVOCATION_CHECK_INTERVAL);
  keys.delete("old");
  clock.advance(REVOCATION_CHECK_INTERVAL);
  assert.equal(short?.isStopping, false);
  clock.advance(REVOCATION_CHECK_INTERVAL);

  const reasons = [ci, old, short, unknown].map((each) =>
    each?.stopCause?.reason
  );
  assert.deepEqual(reasons, [undefined, "keyRevoked", "keyExpired", undefined]);
});

Deno.test("watchRevocations() ends tunnels whose key opens something else now", async () => {
  const clock = new ManualClock();
  const registry = new TunnelRegistry({ now: () => clock.now() });
  await using controller = new TunnelController(registry, { clock });
  let scope: "start" | "use" = "start";
  const listKeys = () => [{
    ...{ id: "1", name: "ci", scope, createdAt: 0 },
    ...{ expiresAt: undefined, lastUsedAt: undefined },
  }];
  const accounts = { hasUser: () => true, listKeys };
  using _watch = watchRevocations({ accounts, registry, controller, clock });
  const spec = { owner: "ann", name: "shop", keyId: "1" };
  const { tunnel } = controller.create(spec);

  clock.advance(REVOCATION_CHECK_INTERVAL);
  assert.equal(tunnel.isStopping, false);
  scope = "use";
  clock.advance(REVOCATION_CHECK_INTERVAL);

  assert.equal(tunnel.stopCause?.reason, "keyScopeChanged");
});
