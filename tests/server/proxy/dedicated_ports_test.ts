import assert from "node:assert/strict";
import type { Acceptor } from "../../../src/net/listen/acceptor.ts";
import { ListenError } from "../../../src/net/listen/listen.ts";
import { openAccounts } from "../../../src/server/accounts/accounts.ts";
import type {
  AccountView,
  Permit,
} from "../../../src/server/accounts/permission_watcher.ts";
import { DedicatedPorts } from "../../../src/server/proxy/dedicated_ports.ts";
import {
  type PoolName,
  PortLeases,
} from "../../../src/server/proxy/port_leases.ts";
import { MemoryRegistry } from "../../../src/server/tunnels/registry.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";
import { recordLog } from "../../testing/event_log.ts";
import { ManualClock } from "../manual_clock.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;
const DAY = 24 * 60 * 60 * 1000;
const RANGE = { first: 21_000, last: 21_002 };

/** Dedicated ports without sockets. */
class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly registry = new MemoryRegistry({ now: () => this.clock.now() });
  readonly accounts = openAccounts(":memory:", { cost: CHEAP });
  readonly leases = new PortLeases(":memory:", {
    now: () => this.clock.now(),
  });
  /** Opened and closed, in order: `open 21000 ann/shop`. */
  readonly events: string[] = [];
  /** Leases taken and renewed, in order. */
  readonly taken: string[] = [];
  /** Ports that another program has. */
  readonly inUse = new Set<number>();
  /** Permits of the open ports, each with what ends it. */
  readonly passes = new Map<Permit, () => void>();
  /** Thrown by the next lease. */
  leaseError: Error | undefined;
  openError: Error | undefined;
  /** What closing a port waits for. */
  closing: Promise<void> = Promise.resolve();
  ports: DedicatedPorts | undefined;

  static async open(): Promise<World> {
    const world = new World();
    // The first user is the admin that an organization keeps.
    await world.accounts.addUser("root");
    await world.accounts.addUser("ann");
    await world.accounts.addUser("bob");
    return world;
  }

  start(range: typeof RANGE | undefined = RANGE): this {
    const { leases } = this;
    const take = leases.take.bind(leases);
    leases.take = (pool, port) => {
      if (this.leaseError !== undefined) throw this.leaseError;
      take(pool, port);
      this.taken.push(`${pool.name} ${port}`);
    };
    this.ports = new DedicatedPorts({
      range,
      registry: this.registry,
      accounts: this.accounts,
      leases,
      clock: this.clock,
      watch: {
        enter: (close, permit) => {
          assert.ok(permit);
          this.passes.set(permit, close);
          return {
            allow() {},
            [Symbol.dispose]: () => void this.passes.delete(permit),
          };
        },
      },
      open: (port, pool) => this.#open(port, pool),
    });
    return this;
  }

  tunnel(name: string, { owner = "ann", wantsPort = true } = {}): Tunnel {
    return this.registry.create({ owner, name, wantsPort, pool: true }).tunnel;
  }

  end(tunnel: Tunnel): void {
    tunnel.beginStop({ reason: "test", byUser: false });
    tunnel.markTerminated();
  }

  /** The port that a pool would get: its own lease first. */
  leased(name: string, owner = "ann"): number | undefined {
    const pool = { organization: "default", owner, name };
    const [first] = this.leases.portsFor(pool, RANGE, () => true);
    return first;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ports?.[Symbol.asyncDispose]();
    this.leases[Symbol.dispose]();
    this.accounts[Symbol.dispose]();
  }

  #open(port: number, { owner, name }: PoolName): Acceptor {
    if (this.openError !== undefined) throw this.openError;
    if (this.inUse.has(port)) throw new ListenError("in use");
    this.inUse.add(port);
    this.events.push(`open ${port} ${owner}/${name}`);
    return {
      address: { hostname: "127.0.0.1", port },
      done: Promise.resolve(),
      [Symbol.asyncDispose]: () => {
        this.inUse.delete(port);
        this.events.push(`close ${port}`);
        return this.closing;
      },
    } as Acceptor;
  }
}

function verbs({ events }: World): readonly string[] {
  return events.map((event) => event.split(" ")[0] ?? "");
}

Deno.test("a tunnel that requests a port gets one, and one that does not gets none of several", async () => {
  await using world = (await World.open()).start();

  const shop = world.tunnel("shop");
  const other = world.tunnel("other", { wantsPort: false });

  assert.ok(shop.port !== undefined && shop.port >= RANGE.first);
  assert.ok(shop.port <= RANGE.last);
  assert.equal(other.port, undefined);
  assert.deepEqual(world.events, [`open ${shop.port} ann/shop`]);
});

Deno.test("without a range no tunnel gets a port, nor one whose owner is gone", async () => {
  await using none = await World.open();
  none.start(undefined);
  none.ports = new DedicatedPorts({
    range: undefined,
    registry: none.registry,
    accounts: none.accounts,
    leases: none.leases,
    clock: none.clock,
    watch: { enter: () => assert.fail("It watches nothing") },
    open: () => assert.fail("It opens nothing"),
  });
  await using gone = (await World.open()).start();

  assert.equal(gone.tunnel("shop", { owner: "eve" }).port, undefined);
  assert.ok(gone.tunnel("shop").port !== undefined);
  assert.deepEqual(verbs(gone), ["open"]);
});

Deno.test("names have different ports, and tunnels of one name share theirs until the last ends", async () => {
  await using world = (await World.open()).start();

  const first = world.tunnel("shop");
  const second = world.tunnel("shop");
  const plain = world.tunnel("shop", { wantsPort: false });
  const other = world.tunnel("other");
  const bobs = world.tunnel("shop", { owner: "bob" });

  assert.equal(second.port, first.port);
  assert.equal(new Set([first.port, other.port, bobs.port]).size, 3);
  world.end(first);
  assert.deepEqual(verbs(world), ["open", "open", "open"]);
  world.end(second);
  // The third of the name never asked for the port.
  assert.equal(plain.port, undefined);
  assert.equal(world.events.at(-1), `close ${first.port}`);
  assert.equal(verbs(world).length, 4);
  world.end(other);
  assert.equal(world.events.at(-1), `close ${other.port}`);
});

Deno.test("a tunnel that is removed gives its port back, as one that ended", async () => {
  await using world = (await World.open()).start();
  const { id, port } = world.tunnel("shop");

  world.registry.remove(id);

  assert.equal(world.events.at(-1), `close ${port}`);
  assert.equal(world.leased("shop"), port);
});

Deno.test("ports that other programs have are passed over, and there is a warning when all are gone", async () => {
  await using log = await recordLog();
  await using world = (await World.open()).start();
  const warnings = () => log.matching("no free port for a tunnel");
  world.inUse.add(21_000);
  world.inUse.add(21_001);

  const shop = world.tunnel("shop");
  const before = warnings().length;
  const late = world.tunnel("late");

  assert.equal(shop.port, 21_002);
  assert.equal(before, 0);
  assert.equal(late.port, undefined);
  assert.deepEqual(warnings().map(({ level, fields }) => [level, fields]), [
    ["warn", { owner: "ann", name: "late" }],
  ]);
  world.inUse.delete(21_000);
  assert.equal(world.tunnel("late").port, 21_000);
});

Deno.test("a mistake of ours in opening a port is not taken for a port in use", async () => {
  await using world = (await World.open()).start();
  world.openError = new TypeError("ours");

  assert.throws(() => world.tunnel("shop"), /ours/);
});

Deno.test("tunnels that are there at the start get their ports", async () => {
  await using world = await World.open();
  const shop = world.tunnel("shop");
  const plain = world.tunnel("plain", { wantsPort: false });
  assert.equal(shop.port, undefined);

  world.start();

  assert.deepEqual(world.events, [`open ${shop.port} ann/shop`]);
  assert.equal(plain.port, undefined);
});

Deno.test("a name gets its port back after others came, because it is leased", async () => {
  await using world = (await World.open()).start();
  const shop = world.tunnel("shop");
  const { port } = shop;
  world.end(shop);

  const others = ["a", "b"].map((name) => world.tunnel(name).port);
  const again = world.tunnel("shop");

  assert.ok(!others.includes(port));
  assert.equal(again.port, port);
});

Deno.test("the lease of an open port is renewed every day, and that of a closed one is not", async () => {
  await using world = (await World.open()).start();
  const open = world.tunnel("open");
  const closed = world.tunnel("closed");
  world.end(closed);

  for (let day = 0; day < 31; day += 1) world.clock.advance(DAY);
  // Thirty days after its last use the port of another user is free.
  const bobs = [
    ...world.leases.portsFor(
      { organization: "default", owner: "bob", name: "x" },
      RANGE,
    ),
  ];

  assert.ok(bobs.includes(closed.port ?? 0));
  assert.ok(!bobs.includes(open.port ?? 0));
});

Deno.test("leases are renewed after a day, and not before", async () => {
  await using world = (await World.open()).start();
  const shop = world.tunnel("shop");
  const other = world.tunnel("other");
  const both = [`shop ${shop.port}`, `other ${other.port}`];
  assert.deepEqual(world.taken.splice(0), both);

  world.clock.advance(DAY - 1);
  assert.deepEqual(world.taken.splice(0), []);
  world.clock.advance(1);
  assert.deepEqual(world.taken.splice(0), both);
  world.clock.advance(DAY);
  assert.deepEqual(world.taken, both);
});

Deno.test("a lease that cannot be stored is logged, and the tunnel has its port all the same", async () => {
  await using log = await recordLog();
  await using world = (await World.open()).start();
  world.leaseError = new Error("disk full");

  const shop = world.tunnel("shop");

  assert.ok(shop.port !== undefined);
  const [failed] = log.matching("failed to persist port lease");
  assert.equal(failed?.level, "error");
  assert.partialDeepStrictEqual(failed?.fields, {
    owner: "ann",
    name: "shop",
    port: shop.port,
  });
});

Deno.test("an owner who moves to another organization gets another port, and the old one closes", async () => {
  await using world = (await World.open()).start();
  const shop = world.tunnel("shop");
  const bobs = world.tunnel("shop", { owner: "bob" });
  const { port } = shop;
  const [[permit, close] = [undefined, () => {}]] = [...world.passes];
  const holdsIn = (organization: string) =>
    permit?.holds(
      { organizationOf: () => organization } as unknown as AccountView,
    );

  assert.deepEqual([holdsIn("default"), holdsIn("acme")], [true, false]);
  world.accounts.organizations.add("acme");
  world.accounts.setMembership("ann", { organization: "acme" });
  close();

  assert.deepEqual(world.events.slice(2), [
    `close ${port}`,
    `open ${shop.port} ann/shop`,
  ]);
  assert.notEqual(shop.port, port);
  assert.notEqual(shop.port, bobs.port);
  assert.equal(world.passes.size, 2);
});

Deno.test("a closed port is watched no more", async () => {
  await using world = (await World.open()).start();
  const shop = world.tunnel("shop");
  const other = world.tunnel("other");
  assert.equal(world.passes.size, 2);

  world.end(shop);

  assert.equal(world.passes.size, 1);
  world.end(other);
  assert.equal(world.passes.size, 0);
});

Deno.test("disposing closes all ports, while their tunnels live, and hears of nothing more", async () => {
  await using world = (await World.open()).start();
  world.tunnel("shop");
  world.tunnel("other");
  const { pending } = world.clock;

  await world.ports?.[Symbol.asyncDispose]();
  world.ports = undefined;
  const late = world.tunnel("late");

  assert.deepEqual(verbs(world), ["open", "open", "close", "close"]);
  assert.equal(world.inUse.size, 0);
  assert.equal(late.port, undefined);
  assert.equal(pending, 1);
  assert.equal(world.clock.pending, 0);
});

Deno.test("disposing waits for ports that are closing already", async () => {
  await using world = (await World.open()).start();
  const { promise, resolve } = Promise.withResolvers<void>();
  world.closing = promise;
  world.end(world.tunnel("shop"));
  const seen: string[] = [];

  const disposed = world.ports?.[Symbol.asyncDispose]()
    .then(() => seen.push("disposed"));
  world.ports = undefined;
  await new Promise((done) => setImmediate(done));
  seen.push("closed");
  resolve();
  await disposed;

  assert.deepEqual(seen, ["closed", "disposed"]);
});
