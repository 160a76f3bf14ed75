import assert from "node:assert/strict";
import { openDatabase } from "../../../src/store/database.ts";
import {
  LEASE_LIFETIME,
  type PoolName,
  PortLeases,
} from "../../../src/server/proxy/port_leases.ts";
import { temporaryDirectory } from "../../system/programs.ts";

const RANGE = { first: 21_000, last: 21_003 };
const ALL = [21_000, 21_001, 21_002, 21_003];

const SHOP: PoolName = { organization: "acme", owner: "ann", name: "shop" };
const OTHER: PoolName = {
  organization: "umbrella",
  owner: "joe",
  name: "shop",
};

class World implements AsyncDisposable {
  now = 0;
  readonly leases: PortLeases;
  readonly #directory: { readonly path: string } & AsyncDisposable;

  private constructor(directory: { readonly path: string } & AsyncDisposable) {
    this.#directory = directory;
    this.leases = new PortLeases(this.path, { now: () => this.now });
  }

  /** With two organizations unless `isAlone`. */
  static async start({ isAlone = false } = {}): Promise<World> {
    const world = new World(await temporaryDirectory());
    if (isAlone) return world;
    using database = openDatabase(world.path);
    database.exec("INSERT INTO organizations VALUES ('umbrella', NULL, 0)");
    return world;
  }

  get path(): string {
    return `${this.#directory.path}/sallyport.db`;
  }

  /** The ports that a name may have. */
  portsFor(pool: PoolName, live: readonly PoolName[] = []): number[] {
    const isLive = ({ owner, name }: PoolName) =>
      live.some((each) => each.owner === owner && each.name === name);
    return [...this.leases.portsFor(pool, RANGE, isLive)];
  }

  /** Takes the best port of a name, if there is one. */
  take(pool: PoolName): number | undefined {
    const [port] = this.portsFor(pool);
    if (port !== undefined) this.leases.take(pool, port);
    return port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leases[Symbol.dispose]();
    await this.#directory[Symbol.asyncDispose]();
  }
}

Deno.test("PortLeases gives a name its own port first, also after a restart", async () => {
  await using world = await World.start();
  const port = world.take(SHOP);
  world.now = 10 * LEASE_LIFETIME;

  using again = new PortLeases(world.path, { now: () => world.now });
  const [first] = again.portsFor(SHOP, RANGE);

  assert.equal(first, port);
});

Deno.test("PortLeases gives a port to no other name while it is leased", async () => {
  await using world = await World.start();
  const port = world.take(SHOP);
  world.now = LEASE_LIFETIME - 1;

  const sibling = { ...SHOP, owner: "bob" };
  const namesake = { ...SHOP, organization: "umbrella" };

  for (const pool of [OTHER, sibling, namesake]) {
    assert.deepEqual(
      world.portsFor(pool).toSorted(),
      ALL.filter((each) => each !== port),
    );
  }
});

Deno.test("PortLeases takes an old lease when no port is left without one", async () => {
  await using world = await World.start();
  const first = world.take(SHOP);
  world.now = 1;
  world.take({ ...SHOP, owner: "bob" });
  world.take(OTHER);
  world.take({ ...OTHER, owner: "jim" });
  world.now = LEASE_LIFETIME - 1;
  const pool = { ...SHOP, owner: "eve" };

  assert.deepEqual(world.portsFor(pool), []);
  world.now = LEASE_LIFETIME;

  assert.deepEqual(world.portsFor(pool), [first]);
});

Deno.test("PortLeases leases half of the ports to one organization, and all where there is one", async () => {
  await using world = await World.start();
  await using alone = await World.start({ isAlone: true });
  const taken = (each: World) =>
    ALL.map((_, at) => each.take({ ...SHOP, owner: `user-${at}` }))
      .filter((port) => port !== undefined).length;

  assert.equal(taken(world), 2);
  assert.equal(taken(alone), 4);
  assert.ok(world.take(OTHER) !== undefined);
});

Deno.test("PortLeases gives an owner with many names their own oldest port, but none that is live", async () => {
  await using world = await World.start();
  const builds = [1, 2, 3].map((build) => ({
    ...SHOP,
    name: `build-${build}`,
  }));
  const [one, two, three] = builds;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  const first = world.take(one);
  world.now = 1;
  const second = world.take(two);

  assert.deepEqual(world.portsFor(three), [first, second]);
  assert.deepEqual(world.portsFor(three, [one]), [second]);
});
