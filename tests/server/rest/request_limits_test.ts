import assert from "node:assert/strict";
import {
  allowanceOf,
  type Limit,
  PER_ADDRESS,
  PER_USER,
  RequestLimit,
  requestLimits,
} from "../../../src/server/rest/request_limits.ts";
import { errorOf, RestWorld } from "../rest_world.ts";

/** A limit by a clock that the test turns. */
class LimitWorld {
  milliseconds = 0;
  readonly limit: RequestLimit;

  constructor(
    { burst, perSecond }: { burst: number; perSecond: number },
    maxBuckets?: number,
  ) {
    this.limit = new RequestLimit({ burst, perSecond }, {
      now: () => this.milliseconds,
      ...maxBuckets === undefined ? {} : { maxBuckets },
    });
  }

  /** How many of `count` requests pass now. */
  passed(count: number, who = "ann"): number {
    return Array.from({ length: count }, () => this.limit.take(who))
      .filter((wait) => wait === 0).length;
  }
}

Deno.test("RequestLimit lets the burst pass, and then so many a second", () => {
  const world = new LimitWorld({ burst: 5, perSecond: 2 });

  assert.equal(world.passed(10), 5);
  world.milliseconds += 1000;
  assert.equal(world.passed(10), 2);
  world.milliseconds += 60_000;
  assert.equal(world.passed(10), 5);
});

Deno.test("RequestLimit says how long to wait, and refusing costs nothing", () => {
  const world = new LimitWorld({ burst: 1, perSecond: 4 });
  world.passed(10);

  assert.equal(world.limit.take("ann"), 0.25);
  world.milliseconds += 250;
  assert.equal(world.limit.take("ann"), 0);
});

Deno.test("RequestLimit counts everybody by themselves", () => {
  const world = new LimitWorld({ burst: 1, perSecond: 1 });

  assert.equal(world.passed(2, "ann"), 1);
  assert.equal(world.passed(2, "bob"), 1);
});

Deno.test("RequestLimit keeps only so many buckets, those that were used last", () => {
  const world = new LimitWorld({ burst: 1, perSecond: 1 }, 2);
  world.passed(1, "ann");
  world.passed(1, "bob");
  world.passed(1, "ann");
  world.passed(1, "eve");

  assert.equal(world.passed(1, "ann"), 0);
  assert.equal(world.passed(1, "bob"), 1);
});

Deno.test("a user who calls too often gets the time to wait; others do not wait", async () => {
  await using world = await RestWorld.open();
  const users = new RequestLimit({ burst: 2, perSecond: 0.1 });
  world.limits = { ...world.limits, users };
  await world.call("ann/tunnels");
  await world.call("ann/tunnels");

  const refused = await world.call("ann/tunnels");
  const other = await world.call("bob/tunnels", { user: "bob" });

  assert.equal(refused.headers.get("retry-after"), "10");
  assert.equal(
    await errorOf(refused, 429),
    "Too many requests from you: wait 10 s",
  );
  assert.equal(other.status, 200);
});

Deno.test("an address that calls too often waits before its credentials are read; others do not", async () => {
  await using world = await RestWorld.open();
  const addresses = new RequestLimit({ burst: 2, perSecond: 1 });
  world.limits = { ...world.limits, addresses };
  await world.anonymous("public/tunnels/info/versions");
  await world.anonymous("openapi.json");

  const refused = await world.call("ann/tunnels", { key: "wrong" });
  const elsewhere = await world.call("ann/tunnels", { from: "192.0.2.8" });

  assert.match(await errorOf(refused, 429), /from your address/);
  assert.equal(elsewhere.status, 200);
});

Deno.test("somebody else's requests with a user's name do not use up that user's", async () => {
  await using world = await RestWorld.open();
  const users = new RequestLimit({ burst: 1, perSecond: 1 });
  world.limits = { ...world.limits, users };

  await errorOf(await world.call("ann/tunnels", { key: "wrong" }), 401);

  assert.equal((await world.call("ann/tunnels")).status, 200);
});

Deno.test("requestLimits() takes so many calls a second, sixteen times as many at once, and without limit with 0", () => {
  const { users, addresses } = requestLimits({ perUser: 2, perAddress: 0 });
  const passed = (limit: Limit) =>
    Array.from({ length: 100 }, () => limit.take("ann"))
      .filter((wait) => wait === 0).length;

  assert.equal(passed(users), 32);
  assert.equal(passed(addresses), 100);
});

Deno.test("200 clients and as many programs that wait for them start at once as one user", () => {
  const world = new LimitWorld(allowanceOf(PER_USER));
  const SECONDS = 60;
  const CLIENTS = 200;
  const STARTING = 10;

  let refused = CLIENTS * STARTING - world.passed(CLIENTS * STARTING);
  for (let second = 0; second < SECONDS; second++) {
    world.milliseconds += 1000;
    // A look and a heartbeat in ten seconds, and a list of tunnels in one.
    const asked = CLIENTS * 2 / 10 + CLIENTS;
    refused += asked - world.passed(asked);
  }

  assert.equal(refused, 0);
  assert.ok(PER_ADDRESS >= 2 * PER_USER);
});
