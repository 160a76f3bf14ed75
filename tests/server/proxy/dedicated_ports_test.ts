/** Who gets a port of its own, when it is open, and for whom it stays. */
import assert from "node:assert/strict";
import { ListenError } from "../../../src/net/listen/listen.ts";
import type {
  AccountView,
  Permit,
} from "../../../src/server/accounts/permission_watcher.ts";
import {
  DedicatedPorts,
  type DedicatedPortsOptions,
} from "../../../src/server/proxy/dedicated_ports.ts";
import {
  type PoolName,
  PortLeases,
} from "../../../src/server/proxy/port_leases.ts";
import { StorageError } from "../../../src/store/storage_health.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import type { Tunnel } from "../../../src/server/tunnels/tunnel.ts";
import { temporaryDirectory } from "../../system/programs.ts";
import { recordLog } from "../../testing/event_log.ts";
import { directoryOf } from "../directory.ts";
import { ManualClock } from "../manual_clock.ts";

const RANGE = { first: 21_000, last: 21_003 };
const DAY = 24 * 60 * 60 * 1000;

/** Remembers which leases were written. */
class RecordedLeases extends PortLeases {
  readonly taken: string[] = [];

  override take(pool: PoolName, port: number): void {
    this.taken.push(`${pool.organization} ${pool.owner}+${pool.name}`);
    super.take(pool, port);
  }
}

/** Everything around the ports. */
class World implements AsyncDisposable {
  readonly registry = new TunnelRegistry();
  readonly clock = new ManualClock();
  /** Ports that other programs have. */
  readonly taken = new Set<number>();
  /** Ports that are open, with who they are for. */
  readonly open = new Map<number, string>();
  /** What is called when an owner's organization changes. */
  readonly watched = new Set<
    { close: () => void; permit: Permit | undefined }
  >();
  readonly places: Record<string, string> = { ann: "acme", bob: "acme" };
  readonly leases: RecordedLeases;
  /** Holds up every port that closes. */
  closing: Promise<void> = Promise.resolve();
  readonly #directory: { readonly path: string } & AsyncDisposable;
  readonly #parts = new AsyncDisposableStack();

  private constructor(directory: { readonly path: string } & AsyncDisposable) {
    this.#directory = directory;
    this.leases = new RecordedLeases(`${directory.path}/test.db`, {
      now: () => this.clock.now(),
    });
  }

  static async create(): Promise<World> {
    return new World(await temporaryDirectory());
  }

  start(options: Partial<DedicatedPortsOptions> = {}): DedicatedPorts {
    return this.#parts.use(
      new DedicatedPorts({
        range: RANGE,
        registry: this.registry,
        accounts: directoryOf(this.places),
        leases: this.leases,
        clock: this.clock,
        watch: {
          enter: (close, permit) => {
            const entry = { close, permit };
            this.watched.add(entry);
            return {
              allow: () => {},
              [Symbol.dispose]: () => void this.watched.delete(entry),
            };
          },
        },
        open: (port, { owner, name }) => this.#opened(port, `${owner}+${name}`),
        ...options,
      }),
    );
  }

  tunnel(owner: string, name: string, wantsPort = true): Tunnel {
    return this.registry.create({ owner, name, wantsPort }).tunnel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
    this.leases[Symbol.dispose]();
    await this.#directory[Symbol.asyncDispose]();
  }

  #opened(
    port: number,
    pool: string,
  ): ReturnType<DedicatedPortsOptions["open"]> {
    if (this.taken.has(port) || this.open.has(port)) {
      throw new ListenError(`${port} is taken`);
    }
    this.open.set(port, pool);
    return {
      address: { hostname: "127.0.0.1", port },
      [Symbol.asyncDispose]: async () => {
        await this.closing;
        this.open.delete(port);
      },
    };
  }
}

function end(tunnel: Tunnel): void {
  tunnel.beginStop({ reason: "sigterm", byUser: true });
  tunnel.markTerminated();
}

/** Lets disposed ports close. */
async function closed(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

Deno.test("a tunnel that wants a port gets one, and no other tunnel does", async () => {
  await using world = await World.create();
  world.start();

  const wanting = world.tunnel("ann", "shop");
  const other = world.tunnel("ann", "plain", false);

  assert.ok(wanting.port !== undefined);
  assert.equal(world.open.get(wanting.port), "ann+shop");
  assert.equal(other.port, undefined);
  assert.equal(world.open.size, 1);
});

Deno.test("tunnels that were there before get their ports at the start", async () => {
  await using world = await World.create();
  const early = world.tunnel("ann", "shop");
  assert.equal(early.port, undefined);

  world.start();

  assert.equal(world.open.get(early.port ?? 0), "ann+shop");
});

Deno.test("tunnels of one name share a port, those of other names and owners do not", async () => {
  await using world = await World.create();
  world.start();

  const first = world.tunnel("ann", "shop");
  const second = world.tunnel("ann", "shop");
  const named = world.tunnel("ann", "blog");
  const owned = world.tunnel("bob", "shop");

  assert.equal(second.port, first.port);
  assert.equal(new Set([first, named, owned].map(({ port }) => port)).size, 3);
  assert.equal(world.open.size, 3);
});

Deno.test("a port is open until the last tunnel of its name that wants it ends", async () => {
  await using world = await World.create();
  world.start();
  const first = world.tunnel("ann", "shop");
  const second = world.tunnel("ann", "shop");
  const plain = world.tunnel("ann", "shop", false);

  end(first);
  await closed();
  assert.equal(world.open.size, 1);

  end(second);
  await closed();
  assert.equal(world.open.size, 0);
  assert.equal(world.watched.size, 0);
  end(plain);
});

Deno.test("a tunnel that stops keeps its port until it has stopped", async () => {
  await using world = await World.create();
  world.start();
  const tunnel = world.tunnel("ann", "shop");

  tunnel.beginStop({ reason: "sigterm", byUser: true });
  await closed();
  assert.equal(world.open.size, 1);

  tunnel.markTerminated();
  await closed();
  assert.equal(world.open.size, 0);
});

Deno.test("a name gets its port again, also after others came", async () => {
  await using world = await World.create();
  world.start();
  const before = world.tunnel("ann", "shop");
  end(before);
  await closed();

  const others = ["a", "b", "c"].map((name) => world.tunnel("bob", name).port);
  const again = world.tunnel("ann", "shop");

  assert.ok(!others.includes(before.port));
  assert.equal(again.port, before.port);
});

Deno.test("a port that another program has is passed over", async () => {
  await using world = await World.create();
  world.start();
  const { port = 0 } = world.tunnel("ann", "shop");
  world.taken.add(port);
  for (const tunnel of world.registry.find("ann", "shop")) end(tunnel);
  await closed();

  const again = world.tunnel("ann", "shop");

  assert.ok(again.port !== undefined && again.port !== port);
  assert.deepEqual([...world.open.keys()], [again.port]);
});

Deno.test("a port that cannot be opened for another reason is not passed over", async () => {
  await using world = await World.create();
  world.tunnel("ann", "shop");
  assert.throws(() =>
    world.start({
      open: () => {
        throw new TypeError("no");
      },
    }), TypeError);
});

Deno.test("without a free port, a range or a known owner a tunnel gets no port", async () => {
  await using world = await World.create();
  world.start();
  const names = ["1", "2", "3", "4", "5"];
  const ports = names.map((name) => world.tunnel("ann", name).port);
  const stranger = world.tunnel("eve", "shop");

  assert.equal(ports.filter((port) => port !== undefined).length, 4);
  assert.equal(ports[4], undefined);
  assert.equal(stranger.port, undefined);

  await using other = await World.create();
  other.start({ range: undefined });
  assert.equal(other.tunnel("ann", "shop").port, undefined);
  assert.equal(other.open.size, 0);
});

Deno.test("an owner who moves leaves the old port and gets another one", async () => {
  await using world = await World.create();
  world.start();
  const tunnel = world.tunnel("ann", "shop");
  const { port: before } = tunnel;
  const [watched] = world.watched;
  assert.equal(watched?.permit?.holds(viewOf("acme")), true);
  assert.equal(watched?.permit?.holds(viewOf("umbrella")), false);

  world.places["ann"] = "umbrella";
  watched?.close();
  await closed();

  assert.ok(tunnel.port !== undefined && tunnel.port !== before);
  assert.deepEqual([...world.open.keys()], [tunnel.port]);
  assert.equal(world.leases.taken.at(-1), "umbrella ann+shop");
});

Deno.test("the leases of open ports are renewed once a day, and when they close", async () => {
  await using world = await World.create();
  world.start();
  const tunnel = world.tunnel("ann", "shop");
  assert.equal(world.leases.taken.length, 1);

  world.clock.advance(DAY - 1);
  assert.equal(world.leases.taken.length, 1);
  world.clock.advance(1);
  assert.equal(world.leases.taken.length, 2);
  world.clock.advance(DAY);
  assert.equal(world.leases.taken.length, 3);

  end(tunnel);
  assert.equal(world.leases.taken.length, 4);
  world.clock.advance(DAY);
  assert.equal(world.leases.taken.length, 4);
});

Deno.test("disposing closes all ports, waits for them, and opens no more", async () => {
  await using world = await World.create();
  const ports = world.start();
  world.tunnel("ann", "shop");
  world.tunnel("bob", "shop");
  const gate = Promise.withResolvers<void>();
  world.closing = gate.promise;

  let isDisposed = false;
  const disposed = ports[Symbol.asyncDispose]().then(() => isDisposed = true);
  await closed();
  assert.equal(isDisposed, false);
  gate.resolve();
  await disposed;

  assert.deepEqual([world.open.size, world.watched.size], [0, 0]);
  assert.equal(world.clock.pending, 0);
  assert.equal(world.tunnel("ann", "late").port, undefined);
});

/** Accounts in which everybody is of one organization. */
function viewOf(organization: string): AccountView {
  return {
    userOf: () => undefined,
    organizationOf: () => organization,
    hasKey: () => assert.fail("no key opens a port"),
    permissionsOf: () => assert.fail("no permission opens a port"),
  };
}

Deno.test("a port that opens or closes, and a tunnel without one, are logged", async () => {
  await using log = await recordLog();
  await using world = await World.create();
  world.start();
  for (const port of [21_001, 21_002, 21_003]) world.taken.add(port);

  const shop = world.tunnel("ann", "shop");
  world.tunnel("bob", "late");
  end(shop);

  const shown = ["port opened for a tunnel", "port of a tunnel closed"].map(
    (message) => log.matching(message).map(({ fields }) => fields),
  );
  assert.partialDeepStrictEqual(shown, [
    [{ owner: "ann", name: "shop", address: "127.0.0.1:21000" }],
    [{ owner: "ann", name: "shop" }],
  ]);
  const [missing] = log.matching("no free port for a tunnel");
  assert.equal(missing?.level, "warn");
  assert.partialDeepStrictEqual(missing?.fields, {
    owner: "bob",
    name: "late",
  });
});

Deno.test("a lease that cannot be stored is logged, and the tunnel has its port all the same", async () => {
  await using log = await recordLog();
  await using world = await World.create();
  world.leases.take = () => {
    throw new Error("disk full");
  };
  world.start();

  const { port } = world.tunnel("ann", "shop");

  assert.ok(port !== undefined);
  const [failed] = log.matching("failed to persist port lease");
  assert.equal(failed?.level, "error");
  assert.partialDeepStrictEqual(failed?.fields, {
    owner: "ann",
    name: "shop",
    port,
  });
});

Deno.test("a full disk is not logged once more for each lease", async () => {
  await using log = await recordLog();
  await using world = await World.create();
  world.leases.take = () => {
    throw new StorageError("disk full", { cause: undefined });
  };
  world.start();

  assert.ok(world.tunnel("ann", "shop").port !== undefined);

  assert.equal(log.matching("port opened for a tunnel").length, 1);
  assert.deepEqual(log.matching("failed to persist port lease"), []);
});

Deno.test("only open ports are watched, and removing a tunnel closes its port", async () => {
  await using world = await World.create();
  world.start();
  const shop = world.tunnel("ann", "shop");
  const other = world.tunnel("ann", "other");
  assert.equal(world.watched.size, 2);

  world.registry.remove(shop.id);
  assert.equal(world.watched.size, 1);
  end(other);
  await closed();

  assert.deepEqual([world.watched.size, world.open.size], [0, 0]);
});
