import assert from "node:assert/strict";
import { openDatabase } from "../../../src/store/database.ts";
import { StorageHealth } from "../../../src/store/storage_health.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { TunnelController } from "../../../src/server/tunnels/controller.ts";
import { routeOf } from "../../../src/server/proxy/routing.ts";
import {
  compileRestored,
  restoreTunnels,
} from "../../../src/server/tunnels/restore_tunnels.ts";
import {
  persistTunnels,
  TunnelStore,
} from "../../../src/server/tunnels/tunnel_store.ts";
import { FakeSession } from "../fake_session.ts";

const EVERYBODY = { hasUser: () => true };
const SPEC = {
  owner: "ann",
  name: "lab",
  pool: true,
  shared: "all",
  metadata: { extra: { runner: "x" } },
  rules: { deny_domains: ["^ads"] },
  keyId: "0123456789abcdef",
} as const;

Deno.test("a tunnel comes back with its id, its secrets and what was said about it", () => {
  using store = new TunnelStore(":memory:");
  const first = new TunnelRegistry({ now: () => 1_000 });
  const kept = persistTunnels(first, store);
  const { tunnel, tunnelToken, proxyPassword } = first.create(SPEC);
  tunnel.attach(new FakeSession());
  kept[Symbol.dispose]();

  const second = new TunnelRegistry({ now: () => 9_000 });
  restoreTunnels(second, store, EVERYBODY);

  const back = second.get(tunnel.id) ?? assert.fail();
  const { owner, name, pool, shared, metadata, rules, keyId } = back;
  const spec = { owner, name, pool, shared, metadata, rules, keyId };
  assert.deepEqual(spec, SPEC);
  assert.equal(back.createdAt, 1_000);
  assert.equal(back.launchedAt, 1_000);
  assert.equal(back.status, "running");
  assert.equal(back.isReady, false);
  assert.equal(second.findByToken(tunnelToken), back);
  assert.equal(back.acceptsToken(`${tunnelToken}x`), false);
  assert.equal(back.acceptsProxyPassword(proxyPassword), true);
  assert.deepEqual(second.find("ann", "lab"), [back]);
});

Deno.test("no secret is written down", () => {
  using store = new TunnelStore(":memory:");
  const registry = new TunnelRegistry();
  using _kept = persistTunnels(registry, store);
  const { tunnelToken, proxyPassword } = registry.create(SPEC);

  const text = JSON.stringify(store.list());

  assert.equal(text.includes(tunnelToken.split(".")[1] ?? "?"), false);
  assert.equal(text.includes(proxyPassword), false);
});

Deno.test("a tunnel that is stopped or removed is forgotten", () => {
  using store = new TunnelStore(":memory:");
  const registry = new TunnelRegistry();
  using _kept = persistTunnels(registry, store);
  const one = registry.create(SPEC).tunnel;
  const two = registry.create(SPEC).tunnel;
  const three = registry.create(SPEC).tunnel;

  one.beginStop({ reason: "api", byUser: true });
  one.markTerminated();
  registry.remove(two.id);

  assert.deepEqual(store.list().map(({ id }) => id), [three.id]);
});

Deno.test("a tunnel that cannot be written down lives all the same", () => {
  const store = new TunnelStore(":memory:");
  const registry = new TunnelRegistry();
  using _kept = persistTunnels(registry, store);
  store[Symbol.dispose]();

  const { tunnel } = registry.create(SPEC);
  tunnel.attach(new FakeSession());
  tunnel.beginStop({ reason: "api", byUser: true });
  tunnel.markTerminated();

  assert.equal(tunnel.status, "terminated");
});

Deno.test("a row that cannot be read is forgotten, and the others come back", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/sallyport.db`;
  {
    using store = new TunnelStore(path);
    const registry = new TunnelRegistry();
    using _kept = persistTunnels(registry, store);
    const { tunnel } = registry.create(SPEC);
    registry.create(SPEC);
    using database = openDatabase(path);
    database.prepare("UPDATE tunnels SET spec = '{' WHERE id = ?")
      .run(tunnel.id);

    assert.equal(store.list().length, 1);
    assert.equal(
      database.prepare("SELECT count(*) AS n FROM tunnels").get()?.n,
      1,
    );
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("tunnels of users who are gone do not come back", () => {
  using store = new TunnelStore(":memory:");
  const first = new TunnelRegistry();
  {
    using _kept = persistTunnels(first, store);
    first.create(SPEC);
  }

  const second = new TunnelRegistry();
  restoreTunnels(second, store, { hasUser: () => false });

  assert.deepEqual(second.list(), []);
  assert.deepEqual(store.list(), []);
});

Deno.test("a tunnel whose rules cannot be read any more refuses everything and is ended", async () => {
  using store = new TunnelStore(":memory:");
  const first = new TunnelRegistry();
  const kept = persistTunnels(first, store);
  const rules = { "tls_resign_domains": ["sh[op"] };
  const broken = first.create({ ...SPEC, rules }).tunnel;
  const good = first.create(SPEC).tunnel;
  kept[Symbol.dispose]();
  const second = new TunnelRegistry();
  await using controller = new TunnelController(second);
  restoreTunnels(second, store, EVERYBODY);
  const [back] = [second.get(broken.id) ?? assert.fail()];

  await using _prepared = compileRestored(second, controller);
  await back.terminated;

  assert.equal(back.stopCause?.reason, "badRules");
  assert.equal(routeOf([back], "shop.test"), "deny");
  assert.equal(second.get(good.id)?.isStopping, false);
});

Deno.test("what a full disk did not take is written down when there is room", async () => {
  const folder = await Deno.makeTempDir();
  let time = 0;
  const health = new StorageHealth({ now: () => time });
  const registry = new TunnelRegistry();
  {
    using store = new TunnelStore(`${folder}/db`, { health });
    using _kept = persistTunnels(registry, store);
    const before = [registry.create(SPEC).tunnel, registry.create(SPEC).tunnel];
    const save = store.save;
    const remove = store.remove;
    const full = () =>
      health.watch(() => {
        throw new Error("database or disk is full");
      });
    store.save = full;
    store.remove = full;

    const meanwhile = registry.create(SPEC).tunnel;
    meanwhile.attach(new FakeSession());
    meanwhile.attach(new FakeSession());
    const gone = registry.create(SPEC).tunnel;
    registry.remove(gone.id);
    registry.remove(before[0]?.id ?? "");
    store.save = save;
    store.remove = remove;
    time += 60_000;
    const after = registry.create(SPEC).tunnel;

    const ids = store.list().map(({ id }) => id).toSorted();
    const live = [before[1]?.id ?? "", meanwhile.id, after.id].toSorted();
    assert.deepEqual(ids, live);
    assert(
      store.list().every(({ id, launchedAt }) =>
        (launchedAt !== undefined) === (id === meanwhile.id)
      ),
    );
  }
  await Deno.remove(folder, { recursive: true });
});
