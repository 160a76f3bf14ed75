import assert from "node:assert/strict";
import {
  CHECK_INTERVAL,
  PermissionWatcher,
  type Permit,
} from "../../../src/server/accounts/permission_watcher.ts";
import { directoryOf } from "../directory.ts";
import { ManualClock } from "../manual_clock.ts";

const KEY = { id: "1", name: "default", scope: "use" } as const;

class World {
  readonly clock = new ManualClock();
  readonly places: Record<string, string> = { ann: "acme", bob: "acme" };
  readonly cuts: string[] = [];
  /** How often keys were looked up. */
  lookUps = 0;
  hasKey = true;
  isBroken = false;
  readonly watch = new PermissionWatcher({
    ...directoryOf(this.places),
    findKey: () => {
      this.lookUps += 1;
      if (this.isBroken) throw new Error("Cannot read: the disk is gone");
      return this.hasKey ? KEY : undefined;
    },
  }, this.clock);

  /** Begins something that goes on as long as `permit` says so. */
  begin(name: string, permit?: Permit): Disposable {
    return this.watch.enter(() => this.cuts.push(name), permit);
  }

  look(): void {
    this.clock.advance(CHECK_INTERVAL);
  }
}

const byKey: Permit = { holds: (look) => look.hasKey("ann", KEY, ["use"]) };
const byOrganization: Permit = {
  holds: (look) =>
    look.permissionsOf("ann").mayUse({ owner: "bob", shared: "all" }),
};

Deno.test("PermissionWatcher cuts once what is not allowed any more, and leaves the rest alone", () => {
  const world = new World();
  using _key = world.begin("key", byKey);
  using _organization = world.begin("organization", byOrganization);
  using _unknown = world.begin("unknown");
  world.look();
  assert.deepEqual(world.cuts, []);

  world.hasKey = false;
  world.look();
  assert.deepEqual(world.cuts, ["key"]);
  world.places.ann = "umbrella";
  world.look();
  world.look();

  assert.deepEqual(world.cuts, ["key", "organization"]);
  assert.equal(world.watch.size, 1);
});

Deno.test("PermissionWatcher forgets what has ended, and ends its own timer", () => {
  const world = new World();
  const pass = world.begin("key", byKey);
  world.hasKey = false;

  pass[Symbol.dispose]();
  world.look();
  world.watch[Symbol.dispose]();

  assert.deepEqual(world.cuts, []);
  assert.equal(world.watch.size, 0);
  assert.equal(world.clock.pending, 0);
});

Deno.test("PermissionWatcher looks a key up once for a thousand connections", () => {
  const world = new World();
  for (let count = 0; count < 1_000; count += 1) world.begin("key", byKey);

  world.look();

  assert.equal(world.lookUps, 1);
});

Deno.test("PermissionWatcher goes on after users and keys could not be read", () => {
  const world = new World();
  world.begin("key", byKey);

  world.isBroken = true;
  world.look();
  assert.deepEqual(world.cuts, []);
  world.isBroken = false;
  world.hasKey = false;
  world.look();

  assert.deepEqual(world.cuts, ["key"]);
});

Deno.test("PermissionWatcher looks often enough that two looks are within ten seconds", () => {
  assert.ok(2 * CHECK_INTERVAL < 10_000);
});
