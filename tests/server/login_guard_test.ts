import assert from "node:assert/strict";
import {
  FAILURE_WINDOW,
  type Login,
  LoginGuard,
} from "../../src/server/login_guard.ts";
import { ManualClock } from "./manual_clock.ts";

const KEY = { id: "1", name: "default", scope: "all" } as const;

/** A guard whose logins end when the test says so. */
class SlowWorld {
  readonly #under: (() => void)[] = [];
  verifications = 0;
  readonly guard = new LoginGuard({
    verify: async (_name, key) => {
      this.verifications += 1;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#under.push(resolve);
      await promise;
      return key === "right" ? KEY : undefined;
    },
  });

  /** Begins logins of one address with these keys, and waits until all of them are under way or wait. */
  async begin(
    passwords: readonly string[],
    { username = "ann", address = "192.0.2.1" } = {},
  ): Promise<readonly Promise<Login>[]> {
    const logins = passwords.map((password) =>
      this.guard.check({ username, password }, address)
    );
    await settle();
    return logins;
  }

  /** Ends all that are under way, and what begins meanwhile. */
  async endAll(): Promise<void> {
    while (this.#under.length > 0) {
      this.#under.shift()?.();
      await settle();
    }
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await null;
}

async function outcomesOf(
  logins: readonly Promise<Login>[],
): Promise<Readonly<Record<string, number>>> {
  const all = await Promise.all(logins);
  const groups = Object.groupBy(all, ({ outcome }) => outcome);
  return Object.fromEntries(
    Object.entries(groups).map(([outcome, logins]) => [outcome, logins.length]),
  );
}

class World {
  readonly clock: ManualClock = new ManualClock();
  readonly throttled: string[] = [];
  verifications = 0;
  readonly #guard: LoginGuard;

  constructor(maxFailures?: number) {
    this.#guard = new LoginGuard({
      verify: (_name, key) => {
        this.verifications += 1;
        return Promise.resolve(key === "right" ? KEY : undefined);
      },
    }, {
      now: () => this.clock.now(),
      onThrottle: (...who) => this.throttled.push(who.join(" from ")),
      maxFailures,
    });
  }

  async login(
    password: string,
    { username = "ann", address = "192.0.2.1" } = {},
  ): Promise<Login["outcome"]> {
    const login = await this.#guard.check({ username, password }, address);
    return login.outcome;
  }
}

Deno.test("LoginGuard throttles an address and user after ten failures, for a minute", async () => {
  const world = new World();
  for (let count = 0; count < 10; count++) {
    assert.equal(await world.login("wrong"), "refused");
  }

  assert.equal(await world.login("right"), "throttled");
  assert.equal(world.verifications, 10);
  assert.deepEqual(world.throttled, ["ann from 192.0.2.1"]);
  assert.equal(await world.login("right", { username: "bob" }), "accepted");
  assert.equal(
    await world.login("right", { address: "192.0.2.2" }),
    "accepted",
  );
  world.clock.advance(FAILURE_WINDOW - 1);
  assert.equal(await world.login("right"), "throttled");
  world.clock.advance(1);
  assert.equal(await world.login("right"), "accepted");
});

Deno.test("LoginGuard takes as many failures as it is told, of any names ten times as many", async () => {
  const world = new World(2);
  const names = Array.from({ length: 10 }, (_, at) => `user${at}`);
  for (const username of names) {
    assert.equal(await world.login("wrong", { username }), "refused");
    assert.equal(await world.login("wrong", { username }), "refused");
    assert.equal(await world.login("right", { username }), "throttled");
  }

  assert.equal(await world.login("right", { username: "new" }), "throttled");
});

Deno.test("LoginGuard forgets failures after a success", async () => {
  const world = new World();
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 9; count++) await world.login("wrong");
    assert.equal(await world.login("right"), "accepted");
  }
});

Deno.test("LoginGuard throttles an address that tries many names", async () => {
  const world = new World();
  for (let count = 0; count < 100; count++) {
    assert.equal(
      await world.login("wrong", { username: `u${count}` }),
      "refused",
    );
  }

  assert.equal(await world.login("wrong", { username: "next" }), "throttled");
  assert.equal(
    await world.login("right", { address: "192.0.2.2" }),
    "accepted",
  );
});

Deno.test("LoginGuard takes 256 good logins at the same moment", async () => {
  const world = new World();

  const outcomes = await Promise.all(
    Array.from({ length: 256 }, () => world.login("right")),
  );

  assert.deepEqual(new Set(outcomes), new Set(["accepted"]));
});

Deno.test("LoginGuard checks no more guesses at the same moment than one after the other", async () => {
  const world = new SlowWorld();
  const guesses = Array.from({ length: 500 }, (_, at) => `guess-${at}`);

  const logins = await world.begin(guesses);
  assert.equal(world.verifications, 10);
  await world.endAll();

  assert.deepEqual(await outcomesOf(logins), { refused: 10, throttled: 490 });
  assert.equal(world.verifications, 10);
});

Deno.test("LoginGuard lets others in while one address sends all the guesses it can", async () => {
  const world = new SlowWorld();
  const logins: Promise<Login>[] = [];
  for (let user = 0; user < 200; user++) {
    const username = `user-${user}`;
    logins.push(
      ...await world.begin(Array.from({ length: 20 }, String), { username }),
    );
  }
  assert.equal(world.verifications, 100);

  const [other] = await world.begin(["right"], { address: "192.0.2.2" });
  await world.endAll();

  assert.equal((await other)?.outcome, "accepted");
  const { refused, throttled } = await outcomesOf(logins);
  assert.deepEqual({ refused, throttled }, { refused: 100, throttled: 3900 });
});

Deno.test("LoginGuard has more of one address wait than its failures may be, and lets all good ones in", async () => {
  const world = new SlowWorld();

  const logins = await world.begin(Array.from({ length: 300 }, () => "right"));
  assert.equal(world.verifications, 10);
  await world.endAll();

  assert.deepEqual(await outcomesOf(logins), { accepted: 300 });
});

Deno.test("LoginGuard counts the addresses of one IPv6 network as one, and both spellings of an IPv4 address", async () => {
  const world = new World();
  for (let count = 0; count < 10; count++) {
    await world.login("wrong", { address: `2001:db8:0:1::${count}` });
    await world.login("wrong", { address: "198.51.100.7" });
  }

  for (const address of ["2001:db8:0:1:ffff::1", "::ffff:198.51.100.7"]) {
    assert.equal(await world.login("right", { address }), "throttled", address);
  }
  assert.equal(
    await world.login("right", { address: "2001:db8:0:2::1" }),
    "accepted",
  );
});
