import assert from "node:assert/strict";
import { FAILURE_WINDOW } from "../../../src/api/serving/failure_limits.ts";
import { SemaphoreFullError } from "../../../src/async/fair_semaphore.ts";
import {
  expirySentence,
  type Login,
  LoginGuard,
  type LoginGuardOptions,
} from "../../../src/server/accounts/login_guard.ts";
import { chosenKeys } from "../chosen_keys.ts";
import { ManualClock } from "../manual_clock.ts";

const KEY = { id: "1", name: "default", scope: "all" } as const;

/** A guard whose logins end when the test says so. */
class SlowWorld {
  readonly #under: (() => void)[] = [];
  verifications = 0;
  readonly guard: LoginGuard;

  constructor(options: LoginGuardOptions = {}) {
    const keys = chosenKeys(async (_name, key) => {
      this.verifications += 1;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#under.push(resolve);
      await promise;
      return key === "right" ? KEY : undefined;
    });
    this.guard = new LoginGuard(keys, options);
  }

  /** Begins logins of one address with these keys, and waits until all of them run or wait. */
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

  /** Ends all that run, and what begins meanwhile. */
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

  constructor(maxFailures?: number, options: LoginGuardOptions = {}) {
    const keys = chosenKeys((_name, key) => {
      this.verifications += 1;
      return key === "right" ? KEY : undefined;
    });
    this.#guard = new LoginGuard(keys, {
      now: () => this.clock.now(),
      onThrottle: (...who) => this.throttled.push(who.join(" from ")),
      maxFailures,
      ...options,
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

Deno.test("LoginGuard takes as many failures as its option says, of all names together ten times as many", async () => {
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

/** A guard of keys of which one was made by the program, and one was right lately. */
class MixedWorld {
  readonly verified: string[] = [];
  readonly guard: LoginGuard;

  constructor(options: LoginGuardOptions = {}) {
    this.guard = new LoginGuard({
      lookUp: (_name, key) => ({
        isGenerated: key === "made",
        cached: () => key === "made" || key === "remembered" ? KEY : undefined,
        verify: ({ network, isPreferred, signal } = HERE) => {
          this.verified.push(`${network} ${isPreferred}`);
          if (key === "full") throw new SemaphoreFullError("");
          if (key !== "slow") return Promise.resolve(undefined);
          return new Promise((_, reject) =>
            signal?.addEventListener("abort", () => reject(signal.reason))
          );
        },
        expired: () => undefined,
      }),
    }, options);
  }

  async login(
    password: string,
    address = "192.0.2.1",
    signal?: AbortSignal,
  ): Promise<Login["outcome"]> {
    const credentials = { username: "ann", password };
    return (await this.guard.check(credentials, address, signal)).outcome;
  }
}

const HERE = { network: "", isPreferred: false };

Deno.test("LoginGuard never throttles a key that the program made", async () => {
  const world = new MixedWorld();
  for (let count = 0; count < 10; count += 1) await world.login("wrong");

  assert.equal(await world.login("wrong"), "throttled");
  assert.equal(await world.login("made"), "accepted");
  assert.equal(await world.login("wrong"), "throttled");
});

Deno.test("LoginGuard tells nobody who must wait whether a chosen key is right", async () => {
  const world = new MixedWorld();
  await world.login("made");
  await world.login("made", "192.0.2.2");
  for (let count = 0; count < 10; count += 1) await world.login("wrong");

  assert.equal(await world.login("remembered"), "throttled");
  assert.equal(await world.login("remembered", "192.0.2.2"), "accepted");
});

Deno.test("LoginGuard forgets no guesses because a key of the program's comes from the same address", async () => {
  const world = new MixedWorld();
  for (let count = 0; count < 10; count += 1) {
    await world.login("wrong");
    await world.login("made");
  }

  assert.equal(await world.login("wrong"), "throttled");
});

Deno.test("LoginGuard prefers networks whose key was right before", async () => {
  const world = new MixedWorld();
  await world.login("wrong", "2001:db8:0:1::1");
  await world.login("made", "2001:db8:0:1::2");
  await world.login("wrong", "2001:db8:0:1::3");
  await world.login("wrong", "2001:db8:0:2::1");

  assert.deepEqual(world.verified, [
    "2001:db8:0:1 false",
    "2001:db8:0:1 true",
    "2001:db8:0:2 false",
  ]);
});

Deno.test("LoginGuard uses no cached key for a network without an earlier success", async () => {
  const world = new MixedWorld();

  assert.equal(await world.login("remembered"), "refused");
  await world.login("made");

  assert.equal(await world.login("remembered"), "accepted");
  assert.equal(world.verified.length, 1);
});

Deno.test("LoginGuard counts guesses of peers that leave before the comparison, where it may use the cache", async () => {
  const world = new MixedWorld();
  await world.login("made");

  for (let count = 0; count < 10; count += 1) {
    const leaving = new AbortController();
    const left = world.login("slow", "192.0.2.1", leaving.signal);
    await settle();
    leaving.abort();
    assert.equal(await left, "busy");
  }

  assert.equal(await world.login("remembered"), "throttled");
});

Deno.test("LoginGuard counts as a failure only what was compared", async () => {
  const world = new MixedWorld();
  for (let count = 0; count < 20; count += 1) {
    assert.equal(await world.login("full"), "busy");
  }

  assert.equal(await world.login("wrong"), "refused");
  assert.deepEqual(world.guard.outcomes, {
    accepted: 0,
    refused: 1,
    throttled: 0,
    busy: 20,
  });
});

Deno.test("LoginGuard gives the places of peers that have left to others", async () => {
  const world = new MixedWorld();
  const leaving = new AbortController();
  const left = Array.from(
    { length: 500 },
    () => world.login("slow", "192.0.2.1", leaving.signal),
  );
  const waiting = world.login("wrong");
  await settle();
  assert.equal(world.verified.length, 10);

  leaving.abort();

  assert.deepEqual(new Set(await Promise.all(left)), new Set(["busy"]));
  assert.equal(await waiting, "refused");
  assert.equal(world.verified.length, 11);
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

Deno.test("LoginGuard forgets the oldest failures when it counts for too many, and no others", async () => {
  // A login has two counters: its own, and that of its network.
  const world = new World(1, { maxCounters: 4 });
  const at = (host: number) => ({ address: `192.0.2.${host}` });

  assert.equal(await world.login("wrong", at(1)), "refused");
  assert.equal(await world.login("wrong", at(2)), "refused");
  assert.equal(await world.login("right", at(1)), "throttled");
  assert.equal(await world.login("right", at(2)), "throttled");
  assert.equal(await world.login("wrong", at(3)), "refused");

  assert.equal(await world.login("right", at(2)), "throttled");
  assert.equal(await world.login("right", at(3)), "throttled");
  assert.equal(await world.login("right", at(1)), "accepted");
});

Deno.test("LoginGuard forgets the network whose last success is oldest", async () => {
  const world = new MixedWorld({ maxKnown: 2 });
  const host = (number: number) => `192.0.2.${number}`;
  for (const number of [1, 2, 1]) await world.login("made", host(number));
  world.verified.length = 0;
  for (const number of [1, 2]) await world.login("wrong", host(number));
  assert.deepEqual(world.verified, ["192.0.2.1 true", "192.0.2.2 true"]);

  await world.login("made", host(3));
  world.verified.length = 0;
  for (const number of [1, 2, 3]) await world.login("wrong", host(number));

  assert.deepEqual(world.verified, [
    "192.0.2.1 true",
    "192.0.2.2 false",
    "192.0.2.3 true",
  ]);
});

Deno.test("LoginGuard remembers ten thousand networks", async () => {
  const world = new MixedWorld();
  const host = (number: number) => `10.0.${number >> 8}.${number & 0xff}`;
  for (let number = 0; number <= 10_000; number++) {
    await world.login("made", host(number));
  }

  for (const number of [0, 1]) await world.login("wrong", host(number));

  assert.deepEqual(world.verified, ["10.0.0.0 false", "10.0.0.1 true"]);
});

Deno.test("LoginGuard throttles what waits beyond the places of its network, and nothing before", async () => {
  const world = new SlowWorld({ maxFailures: 1, maxWaitingOfNetwork: 2 });

  const logins = await world.begin(["right", "right", "right", "right"]);
  const [other] = await world.begin(["right"], { address: "192.0.2.2" });
  await world.endAll();

  assert.deepEqual(await outcomesOf(logins), { accepted: 3, throttled: 1 });
  assert.equal((await logins[3])?.outcome, "throttled");
  assert.equal((await other)?.outcome, "accepted");
});

Deno.test("LoginGuard takes the places of the network with the most, once all are taken", async () => {
  const world = new SlowWorld({ maxFailures: 1, maxWaiting: 3 });
  const many = await world.begin(["right", "right", "right"]);
  const two = { address: "192.0.2.2" };
  const few = await world.begin(["right", "right"], two);
  const taken = await Promise.race([...many, ...few, settle()]);
  assert.equal(taken, undefined, "three places are for three");

  const three = { address: "192.0.2.3" };
  const next = await world.begin(["right", "right"], three);
  await world.endAll();

  assert.deepEqual(await outcomesOf(many), { accepted: 2, busy: 1 });
  assert.equal((await many[2])?.outcome, "busy");
  assert.deepEqual(await outcomesOf(few), { accepted: 2 });
  assert.deepEqual(await outcomesOf(next), { accepted: 2 });
});

Deno.test("LoginGuard tells once that an address must wait, of any names too", async () => {
  const world = new World(1);
  for (let count = 0; count < 12; count++) {
    await world.login("wrong", { username: `u${count}` });
  }

  // Each of the first ten names for itself; the tenth makes it ten of any names.
  assert.deepEqual(
    world.throttled,
    Array.from({ length: 10 }, (_, count) => `u${count} from 192.0.2.1`),
  );
});

Deno.test("LoginGuard reports each failed login with its user name, and no other", async () => {
  const failures: string[] = [];
  const guard = new LoginGuard(
    chosenKeys((_name, key) => key === "right" ? KEY : undefined),
    {
      maxFailures: 2,
      onFailure: (username, reason) => failures.push(`${username} ${reason}`),
    },
  );

  for (const password of ["wrong", "right", "wrong", "wrong", "right"]) {
    await guard.check({ username: "ann", password }, "192.0.2.1");
  }

  assert.deepEqual(failures, [
    "ann refused",
    "ann refused",
    "ann refused",
    "ann throttled",
  ]);
});

Deno.test("LoginGuard says of a right key that it has expired, and since when", async () => {
  const keys = chosenKeys(() => undefined);
  const guardOf = (expired: typeof EXPIRED | undefined) =>
    new LoginGuard({
      lookUp: (...key) => ({ ...keys.lookUp(...key), expired: () => expired }),
    });
  const login = (guard: LoginGuard) =>
    guard.check({ username: "ann", password: "old" }, "192.0.2.1");

  assert.deepEqual(await login(guardOf(EXPIRED)), {
    outcome: "refused",
    expired: EXPIRED,
  });
  assert.deepEqual(await login(guardOf(undefined)), { outcome: "refused" });
});

const EXPIRED = { name: "ci", expiredAt: Date.UTC(2026, 10, 30, 22, 11, 7) };

Deno.test.each(
  [
    [
      { outcome: "refused", expired: EXPIRED },
      'Access key "ci" expired at 2026-11-30 22:11:07 UTC',
    ],
    [{ outcome: "refused" }, undefined],
    [{ outcome: "throttled" }, undefined],
    [{ outcome: "busy" }, undefined],
    [{ outcome: "accepted", key: KEY }, undefined],
  ] as const satisfies readonly (readonly [Login, string | undefined])[],
)(
  "expirySentence() of %o",
  (login, sentence) => {
    assert.equal(expirySentence(login), sentence);
  },
);
