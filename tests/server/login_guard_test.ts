import assert from "node:assert/strict";
import {
  FAILURE_WINDOW,
  type Login,
  LoginGuard,
} from "../../src/server/login_guard.ts";
import { ManualClock } from "./manual_clock.ts";

const KEY = { id: "1", name: "default", scope: "all" } as const;

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
