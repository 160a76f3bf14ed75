/** @module */
import assert from "node:assert/strict";
import {
  alternateFamilies,
  createDial,
  type DialOptions,
} from "../../../src/net/dial/dial.ts";
import type { Resolver } from "../../../src/net/names/resolver.ts";
import { ManualClock } from "../../server/manual_clock.ts";
import { within } from "../../testing/deadline.ts";
import { startEchoServer } from "../../testing/tcp_server.ts";
import {
  deafListeners,
  OTHER_LOOPBACK,
  startDeafListener,
  unusedPort,
} from "../ports.ts";

const { signal } = new AbortController();

/** Everything is at these addresses. */
function at(...addresses: readonly string[]): Resolver {
  return () => Promise.resolve(addresses);
}

/** Dials once, quickly, by default. */
function dialTo(
  addresses: readonly string[],
  options: Omit<DialOptions, "resolve"> = {},
): ReturnType<typeof createDial> {
  return createDial({
    resolve: at(...addresses),
    attempts: 1,
    backoff: 0,
    ...options,
  });
}

Deno.test("dial() opens a connection to the address of a name", async () => {
  await using echo = startEchoServer();
  const dial = dialTo(["127.0.0.1"]);

  using conn = await dial({ hostname: "a.test", port: echo.port }, signal);

  assert.equal(conn.remoteAddr.port, echo.port);
});

Deno.test("dial() takes the second address when the first refuses", async () => {
  await using echo = startEchoServer();
  const dial = dialTo([OTHER_LOOPBACK, "127.0.0.1"]);

  using conn = await dial({ hostname: "a.test", port: echo.port }, signal);

  assert.equal(conn.remoteAddr.hostname, "127.0.0.1");
});

Deno.test({
  ...deafListeners,
  name: "dial() takes the second address when the first does not respond",
  async fn() {
    using deaf = await startDeafListener();
    const { port } = deaf;
    using _second = Deno.listen({ hostname: OTHER_LOOPBACK, port });
    const dial = dialTo(["127.0.0.1", OTHER_LOOPBACK]);

    using conn = await dial({ hostname: "a.test", port }, signal);

    assert.equal(conn.remoteAddr.hostname, OTHER_LOOPBACK);
  },
});

Deno.test("dial() keeps to the first address when it responds", async () => {
  await using echo = startEchoServer();
  const dial = dialTo(["127.0.0.1", "127.0.0.1", "127.0.0.1"]);

  using _conn = await dial({ hostname: "a.test", port: echo.port }, signal);

  assert.equal(echo.accepted, 1);
});

Deno.test("dial() gives the error of the first address when all fail", async () => {
  const port = unusedPort();
  const dial = dialTo(["127.0.0.1", OTHER_LOOPBACK]);

  await assert.rejects(dial({ hostname: "a.test", port }, signal), {
    name: "DialError",
    code: "refused",
    message: `Cannot connect to "a.test:${port}": connection refused`,
  });
});

Deno.test("dial() says when a name has no address", async () => {
  const unknown: readonly Resolver[] = [
    () => Promise.resolve(undefined),
    () => Promise.resolve([]),
  ];
  for (const resolve of unknown) {
    await assert.rejects(
      createDial({ resolve })({ hostname: "a.test", port: 80 }, signal),
      {
        name: "DialError",
        code: "nameNotFound",
        message: 'Cannot find "a.test": no such host',
      },
    );
  }
});

Deno.test("dial() throws what the resolver throws, and calls it once", async () => {
  let asked = 0;
  const resolve: Resolver = () => {
    asked++;
    return Promise.reject(new RangeError("denied"));
  };
  const dial = createDial({ resolve, attempts: 3, backoff: 0 });

  await assert.rejects(dial({ hostname: "a.test", port: 80 }, signal), {
    name: "RangeError",
    message: "denied",
  });
  assert.equal(asked, 1);
});

Deno.test({
  ...deafListeners,
  name: "dial() gives up an address that does not respond in time",
  async fn() {
    using deaf = await startDeafListener();
    const dial = dialTo(["127.0.0.1"], { timeout: 20 });

    await assert.rejects(
      dial({ hostname: "a.test", port: deaf.port }, signal),
      {
        code: "timedOut",
        message:
          `Cannot connect to "a.test:${deaf.port}": no response in 20 ms`,
      },
    );
  },
});

Deno.test({
  ...deafListeners,
  name: "dial() gives all attempts together the time of one",
  async fn() {
    using deaf = await startDeafListener();
    const dial = dialTo(["127.0.0.1"], {
      timeout: 20,
      attempts: 3,
      onRetry: () => assert.fail("All time was used already"),
    });

    await assert.rejects(
      dial({ hostname: "a.test", port: deaf.port }, signal),
      { code: "timedOut" },
    );
  },
});

Deno.test("dial() says why the last attempt failed when the time ends in a pause", async () => {
  const port = unusedPort();
  const dial = dialTo(["127.0.0.1"], {
    timeout: 20,
    attempts: 3,
    backoff: 3_600_000,
  });

  await assert.rejects(
    within(dial({ hostname: "a.test", port }, signal), "the end"),
    { code: "refused" },
  );
});

/** Sockets that do not open, and a clock that the test turns. */
class StuckWorld {
  readonly clock = new ManualClock();
  /** What was dialled, in order. */
  readonly dialled: (string | undefined)[] = [];
  readonly stop = new AbortController();
  readonly dialling: Promise<Deno.TcpConn>;

  /** @param failure What an attempt ends with at once; without it, with the signal. */
  constructor(
    addresses: readonly string[],
    failure?: Error,
    options: Pick<DialOptions, "timeout"> = {},
  ) {
    const dial = createDial({
      ...options,
      resolve: at(...addresses),
      clock: this.clock,
      open: ({ hostname, signal }) => {
        this.dialled.push(hostname);
        return new Promise((_, reject) => {
          if (failure !== undefined) reject(failure);
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      },
    });
    this.dialling = dial(
      { hostname: "a.test", port: 80 },
      this.stop.signal,
    );
    this.dialling.catch(() => {});
  }

  /** Turns the clock, and lets happen what follows. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

Deno.test("dial() does not dial again where the system has done so", async () => {
  for (const repeatsRefusedDials of [true, false]) {
    let dials = 0;
    const dial = dialTo(["192.0.2.1"], {
      attempts: 3,
      system: { repeatsRefusedDials },
      open() {
        dials += 1;
        return Promise.reject(new Deno.errors.ConnectionRefused());
      },
    });
    await assert.rejects(dial({ hostname: "a.test", port: 1 }, signal), {
      code: "refused",
    });
    assert.equal(dials, repeatsRefusedDials ? 1 : 3);
  }
});

Deno.test("dial() pauses for a second between attempts", async () => {
  const refusal = new Deno.errors.ConnectionRefused("refused");
  const world = new StuckWorld(["192.0.2.1"], refusal);
  await world.pass(0);

  for (const attempts of [1, 2]) {
    assert.equal(world.dialled.length, attempts);
    await world.pass(999);
    assert.equal(world.dialled.length, attempts);
    await world.pass(1);
  }

  assert.equal(world.dialled.length, 3);
  await assert.rejects(world.dialling, { code: "refused" });
  assert.equal(world.clock.pending, 0);
});

Deno.test("dial() gives up after 25 s", async () => {
  const world = new StuckWorld(["192.0.2.1"]);
  let hasEnded = false;
  const ended = world.dialling.finally(() => hasEnded = true);
  await world.pass(0);
  await world.pass(24_999);
  assert.equal(hasEnded, false);

  world.clock.advance(1);

  await assert.rejects(ended, {
    code: "timedOut",
    message: 'Cannot connect to "a.test:80": no response in 25000 ms',
  });
  assert.deepEqual(world.dialled, ["192.0.2.1"]);
  assert.equal(world.clock.pending, 0);
});

Deno.test("dial() never gives up by itself where its time is 0", async () => {
  const world = new StuckWorld(["192.0.2.1"], undefined, { timeout: 0 });
  await world.pass(0);
  await world.pass(3_600_000);
  assert.equal(world.clock.pending, 0);

  world.stop.abort();

  await assert.rejects(world.dialling, { code: "aborted" });
});

Deno.test("dial() tries an address alone for 250 ms", async () => {
  const world = new StuckWorld(["192.0.2.1", "192.0.2.2"]);
  await world.pass(0);
  await world.pass(249);
  assert.deepEqual(world.dialled, ["192.0.2.1"]);

  await world.pass(1);

  assert.deepEqual(world.dialled, ["192.0.2.1", "192.0.2.2"]);
  world.clock.advance(25_000);
  await assert.rejects(world.dialling, { code: "timedOut" });
});

Deno.test("dial() makes three attempts by default", async () => {
  const port = unusedPort();
  let retries = 0;
  const dial = createDial({
    resolve: at("127.0.0.1"),
    backoff: 0,
    onRetry: () => retries++,
  });

  await assert.rejects(dial({ hostname: "a.test", port }, signal));

  assert.equal(retries, 2);
});

Deno.test("dial() sends small writes at once, and keeps the connection alive", async () => {
  await using echo = startEchoServer();
  const set: string[] = [];
  const dial = dialTo(["127.0.0.1"], {
    async open(options) {
      const conn = await Deno.connect(options);
      conn.setNoDelay = (on) => void set.push(`noDelay ${on}`);
      conn.setKeepAlive = (on) => void set.push(`keepAlive ${on}`);
      return conn;
    },
  });

  using _conn = await dial({ hostname: "a.test", port: echo.port }, signal);

  assert.deepEqual(set, ["noDelay true", "keepAlive true"]);
});

Deno.test("dial() begins no further attempt once one has succeeded", async () => {
  await using echo = startEchoServer();
  const dialled: (string | undefined)[] = [];
  const dial = dialTo(["127.0.0.1", OTHER_LOOPBACK, "127.0.0.1"], {
    open(options) {
      dialled.push(options.hostname);
      return Deno.connect(options);
    },
  });

  using _conn = await dial({ hostname: "a.test", port: echo.port }, signal);

  assert.deepEqual(dialled, ["127.0.0.1"]);
});

Deno.test("dial() begins no further attempt when an earlier one succeeds after its head start", async () => {
  await using echo = startEchoServer();
  const clock = new ManualClock();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let attempts = 0;
  const dial = dialTo(["127.0.0.1", "127.0.0.1", "127.0.0.1"], {
    clock,
    async open(options) {
      attempts += 1;
      if (attempts === 2) second.resolve();
      if (attempts > 1) return await givenUp(options.signal);
      await first.promise;
      return await Deno.connect(options);
    },
  });
  const dialling = dial({ hostname: "a.test", port: echo.port }, signal);
  await new Promise((resolve) => setTimeout(resolve));
  clock.advance(250);
  await within(second.promise, "the second attempt");

  first.resolve();
  using _conn = await within(dialling, "the connection");

  assert.equal(attempts, 2);
});

/** Never opens. */
function givenUp(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason))
  );
}

Deno.test("dial() closes the connections that lost the race", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const all = Promise.withResolvers<void>();
  let opened = 0;
  const dial = dialTo(["127.0.0.1", "127.0.0.1", "127.0.0.1"], {
    async open({ signal: _, ...options }) {
      // No abort reaches it: it is open before the race is decided.
      const conn = await Deno.connect(options);
      if (++opened === 3) all.resolve();
      await all.promise;
      return conn;
    },
  });

  const { port } = listener.addr;
  using winner = await dial({ hostname: "a.test", port }, signal);

  const ends: string[] = [];
  for (let count = 0; count < 3; count++) {
    using conn = await listener.accept();
    if (conn.remoteAddr.port === winner.localAddr.port) ends.push("open");
    else ends.push(`${await within(conn.read(new Uint8Array(1)), "the end")}`);
  }
  assert.deepEqual(ends.sort(), ["null", "null", "open"]);
});

Deno.test("dial() gives up the attempts that are still running when one has won", async () => {
  await using echo = startEchoServer();
  const given = Promise.withResolvers<void>();
  const dial = dialTo([OTHER_LOOPBACK, "127.0.0.1"], {
    open(options) {
      if (options.hostname === "127.0.0.1") return Deno.connect(options);
      const { promise, reject } = Promise.withResolvers<never>();
      options.signal.addEventListener("abort", () => {
        given.resolve();
        reject(options.signal.reason);
      });
      return promise;
    },
  });

  using _conn = await dial({ hostname: "a.test", port: echo.port }, signal);

  await within(given.promise, "the other attempt to be given up");
});

Deno.test("dial() tries again until somebody listens", async () => {
  const port = unusedPort();
  using later = new DisposableStack();
  let retries = 0;
  const dial = dialTo(["127.0.0.1"], {
    attempts: 3,
    onRetry: () => {
      retries++;
      if (retries < 2) return;
      later.use(Deno.listen({ hostname: "127.0.0.1", port }));
    },
  });

  using conn = await dial({ hostname: "a.test", port }, signal);

  assert.equal(conn.remoteAddr.port, port);
  assert.equal(retries, 2);
});

Deno.test("dial() makes no more attempts than its option allows", async () => {
  const port = unusedPort();
  let retries = 0;
  const dial = dialTo(["127.0.0.1"], {
    attempts: 3,
    onRetry: () => retries++,
  });

  await assert.rejects(dial({ hostname: "a.test", port }, signal), {
    code: "refused",
  });
  assert.equal(retries, 2);
});

Deno.test("dial() does not try again what cannot get better", async () => {
  const dial = dialTo(["127.0.0.1"], {
    attempts: 3,
    onRetry: () => assert.fail("Tried again"),
  });

  await assert.rejects(dial({ hostname: "a.test", port: 0 }, signal), {
    code: "failed",
  });
});

Deno.test({
  ...deafListeners,
  name: "dial() ends when its signal is aborted while no address responds",
  async fn() {
    using deaf = await startDeafListener();
    const stop = new AbortController();
    const dial = dialTo(["127.0.0.1", "127.0.0.1"], { attempts: 3 });
    const dialling = dial({ hostname: "a.test", port: deaf.port }, stop.signal);

    stop.abort();

    await assert.rejects(dialling, { name: "DialError", code: "aborted" });
  },
});

Deno.test("dial() ends when its signal is aborted before the next attempt", async () => {
  const port = unusedPort();
  const stop = new AbortController();
  const dial = dialTo(["127.0.0.1"], {
    attempts: 3,
    backoff: 3_600_000,
    onRetry: () => stop.abort(new RangeError("enough")),
  });

  await assert.rejects(dial({ hostname: "a.test", port }, stop.signal), {
    name: "DialError",
    code: "aborted",
    cause: new RangeError("enough"),
  });
});

Deno.test("dial() opens nothing when its signal is aborted already", async () => {
  await using echo = startEchoServer();
  const dial = dialTo(["127.0.0.1"]);
  const aborted = AbortSignal.abort(new RangeError("enough"));

  await assert.rejects(
    dial({ hostname: "a.test", port: echo.port }, aborted),
    { name: "DialError", code: "aborted" },
  );
  assert.equal(echo.accepted, 0);
});

for (
  const [given, expected] of [
    [[], []],
    [["10.0.0.1"], ["10.0.0.1"]],
    [["::1", "::2", "10.0.0.1"], ["::1", "10.0.0.1", "::2"]],
    [["10.0.0.1", "10.0.0.2", "::1"], ["10.0.0.1", "::1", "10.0.0.2"]],
    [["::1", "::2"], ["::1", "::2"]],
    [["::1", "::2", "::3", "10.0.0.1", "10.0.0.2"], [
      "::1",
      "10.0.0.1",
      "::2",
      "10.0.0.2",
      "::3",
    ]],
  ] as const
) {
  Deno.test(`alternateFamilies() of [${given}] is [${expected}]`, () => {
    assert.deepEqual(alternateFamilies(given), expected);
  });
}
