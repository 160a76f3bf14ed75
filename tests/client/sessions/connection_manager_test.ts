/** @module */
import assert from "node:assert/strict";
import { sleep } from "../../../src/async/timer.ts";
import { ConnectionManager } from "../../../src/client/sessions/connection_manager.ts";
import type { Http2Connection } from "../../../src/http2/api.ts";
import { Http2Error } from "../../../src/http2/errors.ts";
import { DialError } from "../../../src/net/dial_error.ts";
import { TunnelError } from "../../../src/tunnel/errors.ts";
import { CLIENT_PREFACE } from "../../../src/http2/frames/frame_header.ts";
import { startHttp2Server } from "../../../src/http2/server.ts";
import { connect, get, type Pair, startPair } from "../../http2/pairs.ts";
import { until, within } from "../../testing/deadline.ts";
import { type EventLog, recordLog } from "../../testing/event_log.ts";

const ADDRESS = { hostname: "tunnels.test", port: 8443 };

/** The pauses before each new attempt, in milliseconds. */
function pauses(log: EventLog): readonly number[] {
  return log.matching("connection lost", { backoff: /^\d+ms$/ })
    .map(({ fields }) => parseInt(String(fields["backoff"])));
}

Deno.test("pauses between sessions grow, until one has lived for a while", async () => {
  await using log = await recordLog();
  await using stack = new AsyncDisposableStack();
  let now = 1_000_000;
  let opened = Promise.withResolvers<Pair>();
  stack.use(
    new ConnectionManager({
      size: 1,
      address: ADDRESS,
      open: async () => {
        const pair = stack.use(await startPair(() => Promise.resolve()));
        opened.resolve(pair);
        return pair.client;
      },
      onChange() {},
      onRefused() {},
      now: () => now,
    }),
  );

  for (const life of [0, 9_999, 0, 10_000]) {
    const pair = await within(opened.promise, "a session");
    opened = Promise.withResolvers();
    now += life;
    await pair.server[Symbol.asyncDispose]();
  }
  await within(opened.promise, "the last session");

  const [first = 0, second = 0, third = 0, last = 0] = pauses(log);
  assert.ok(first <= 100, `${first}`);
  assert.ok(second > 100 && second <= 200, `${second}`);
  assert.ok(third > 200 && third <= 400, `${third}`);
  assert.ok(last <= 100, `${last}`);
});

Deno.test("a server that refuses is dialled once, and all who wait get the error", async () => {
  const refusal = new TunnelError("refused", "The tunnel has ended");
  const refusals: TunnelError[] = [];
  let attempts = 0;
  await using log = await recordLog();
  await using manager = new ConnectionManager({
    size: 4,
    address: ADDRESS,
    open() {
      attempts += 1;
      return Promise.reject(refusal);
    },
    onChange() {},
    onRefused: (cause) => refusals.push(cause),
  });

  await assert.rejects(
    within(manager.connected, "the refusal"),
    { message: "The tunnel has ended" },
  );
  await within(manager.done, "the end");

  assert.equal(attempts, 1);
  assert.deepEqual(refusals, [refusal]);
  assert.equal(manager.lastError, "The tunnel has ended");
  assert.deepEqual(
    log.all.map(({ message, fields }) => [message, fields["address"]]),
    [["connecting to", "tunnels.test:8443"]],
  );
});

/** A manager of so many sessions, whose attempts end as the test says. */
class World implements AsyncDisposable {
  readonly stack = new AsyncDisposableStack();
  readonly pairs: Pair[] = [];
  readonly pauses: number[] = [];
  readonly active: number[] = [];
  readonly refusals: TunnelError[] = [];
  /** Signals of all attempts so far. */
  readonly attempts: AbortSignal[] = [];
  readonly manager: ConnectionManager;
  now = 0;
  /** What an attempt does before its session is open. */
  before: (attempt: number) => Promise<void> = () => Promise.resolve();
  /** What a pause does. */
  pause: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();

  constructor(size: number, options: Partial<World> = {}) {
    Object.assign(this, options);
    this.manager = new ConnectionManager({
      size,
      address: ADDRESS,
      open: (signal) => this.#open(signal),
      onChange: (active) => this.active.push(active),
      onRefused: (cause) => this.refusals.push(cause),
      now: () => this.now,
      pause: (ms, signal) => {
        this.pauses.push(ms);
        return this.pause(signal);
      },
    });
  }

  /** Waits until so many sessions are open. */
  async opened(count: number): Promise<void> {
    await until(`${count} sessions`, () => this.pairs.length >= count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.manager[Symbol.asyncDispose]();
    await this.stack.disposeAsync();
  }

  async #open(signal: AbortSignal): Promise<Http2Connection> {
    this.attempts.push(signal);
    await this.before(this.attempts.length);
    const pair = this.stack.use(await startPair(() => Promise.resolve()));
    this.pairs.push(pair);
    return pair.server;
  }
}

Deno.test("one place dials until a session is open, then all the others at once", async () => {
  await using log = await recordLog();
  const gate = Promise.withResolvers<void>();
  await using world = new World(4, { before: () => gate.promise });

  await until("an attempt", () => world.attempts.length > 0);
  gate.resolve();
  assert.equal(world.attempts.length, 1);
  await world.opened(4);
  await until("four sessions", () => world.manager.sessions.length === 4);

  assert.deepEqual(
    world.manager.sessions.map(({ number }) => number).toSorted(),
    [1, 2, 3, 4],
  );
  assert.deepEqual(
    log.matching("established connection to Sallyport server")
      .filter(({ level }) => level === "info")
      .map(({ fields }) => fields["active"]),
    ["1/4", "4/4"],
  );
});

Deno.test("one place dials while all sessions are lost", async () => {
  await using world = new World(3);
  await until("three sessions", () => world.manager.sessions.length === 3);
  let atOnce = 0;
  let most = 0;
  world.before = async (attempt) => {
    if (attempt > 30) return;
    atOnce += 1;
    // The first of each place may have begun while others were still open.
    if (attempt > 10) most = Math.max(most, atOnce);
    await sleep(1);
    atOnce -= 1;
    throw new DialError("refused", "No");
  };

  for (const { client } of [...world.pairs]) {
    await client[Symbol.asyncDispose]();
  }
  await world.opened(6);

  assert.equal(most, 1);
  assert.equal(world.manager.reconnects, 3);
});

Deno.test("a refusal counts once, and not when no session is wanted any more", async () => {
  const refusal = new TunnelError("refused", "The tunnel has ended");
  const gate = Promise.withResolvers<void>();
  await using world = new World(3);
  await using stopped = new World(1, { before: () => gate.promise });
  await until("three sessions", () => world.manager.sessions.length === 3);
  world.before = () => gate.promise;

  for (const { client } of world.pairs.slice(0, 2)) {
    await client[Symbol.asyncDispose]();
  }
  await until("two attempts", () => world.attempts.length === 5);
  await until("an attempt", () => stopped.attempts.length === 1);
  stopped.manager.stopReconnecting();
  gate.reject(refusal);
  await within(stopped.manager.done, "the end");
  await until("the refusal", () => world.refusals.length > 0);
  await world.manager[Symbol.asyncDispose]();

  assert.deepEqual(world.refusals, [refusal]);
  assert.deepEqual(stopped.refusals, []);
  assert.equal(stopped.manager.lastError, undefined);
});

Deno.test("the place that dials alone goes on until it succeeds", async () => {
  await using log = await recordLog();
  await using world = new World(3, {
    before: (attempt) =>
      attempt < 5
        ? Promise.reject(new DialError("refused", "No"))
        : Promise.resolve(),
  });

  await within(world.manager.connected, "a session");

  assert.equal(world.pauses.length, 4);
  assert.deepEqual([...world.manager.failureTypes], [["refused", 4]]);
  assert.equal(world.manager.lastError, "No");
  const [failed] = log.matching("connect failed");
  assert.partialDeepStrictEqual(failed?.fields, {
    address: "tunnels.test:8443",
    error: "No",
  });
});

Deno.test("pauses grow up to 4 s, so that a server that returns is found within 5 s", async () => {
  const enough = Promise.withResolvers<void>();
  let left = 12;
  await using world = new World(1, {
    before: () => Promise.reject(new DialError("refused", "No")),
    pause: (signal) => {
      if (--left > 0) return Promise.resolve();
      enough.resolve();
      return endOf(signal);
    },
  });

  await within(enough.promise, "twelve pauses");
  const { pauses } = world;
  world.manager.stopReconnecting();

  assert.ok((pauses[0] ?? 0) <= 100, `${pauses}`);
  assert.ok(pauses.every((ms) => ms <= 4_000), `${pauses}`);
  assert.ok(pauses.slice(6).every((ms) => ms >= 3_200), `${pauses}`);
});

Deno.test("an attempt that took long is followed by a short pause", async () => {
  const enough = Promise.withResolvers<void>();
  let left = 10;
  const world: World = new World(1, {
    before: () => {
      world.now += 5_000;
      return Promise.reject(new DialError("timedOut", "No"));
    },
    pause: (signal) => {
      if (--left > 0) return Promise.resolve();
      enough.resolve();
      return endOf(signal);
    },
  });
  await using _world = world;

  await within(enough.promise, "ten pauses");

  assert.deepEqual(new Set(world.pauses.slice(1)), new Set([100]));
});

for (
  const [what, cause, code] of [
    [
      "a session error",
      new TunnelError("lost", "x", { retryable: true }),
      "lost",
    ],
    ["a dial error", new DialError("tls", "x"), "tls"],
    ["an HTTP/2 error", http2Error(0xb), "ENHANCE_YOUR_CALM"],
    ["an HTTP/2 error of the last code", http2Error(0xd), "HTTP_1_1_REQUIRED"],
    ["an HTTP/2 error of the peer's own", http2Error(0xe), "other"],
    ["something else", "x", "other"],
  ] as const
) {
  Deno.test(`an attempt that fails with ${what} counts as ${code}`, async () => {
    await using world = new World(1, {
      before: (attempt) =>
        attempt === 1 ? Promise.reject(cause) : Promise.resolve(),
    });

    await within(world.manager.connected, "a session");

    assert.deepEqual([...world.manager.failureTypes], [[code, 1]]);
    assert.equal(world.manager.lastError, "x");
    assert.deepEqual([...world.manager.reconnectReasons], []);
  });
}

Deno.test("a session that the server ends counts as closed, and onChange hears of it", async () => {
  await using world = new World(1, { pause: endOf });
  await within(world.manager.connected, "a session");

  await world.pairs[0]?.client[Symbol.asyncDispose]();
  await until("the pause", () => world.pauses.length === 1);
  const { reconnectReasons, lastError } = world.manager;
  world.manager.stopReconnecting();

  assert.deepEqual([...reconnectReasons], [["closed", 1]]);
  assert.equal(lastError, "closed by the server");
  assert.deepEqual(world.active, [1, 0]);
});

Deno.test("after stopReconnecting() open sessions stay, and none is opened", async () => {
  await using world = new World(1);
  await within(world.manager.connected, "a session");
  const [pair] = world.pairs;
  assert.ok(pair);

  world.manager.stopReconnecting();
  assert.equal(pair.client.acceptsStreams, true);
  await pair.client[Symbol.asyncDispose]();
  await within(world.manager.done, "the end");

  assert.equal(world.attempts.length, 1);
  assert.deepEqual(world.pauses, []);
});

Deno.test("disposing gives attempts up, and ends a session that opens all the same", async () => {
  const gate = Promise.withResolvers<void>();
  const world = new World(2, { before: () => gate.promise });
  await using _world = world;
  const connected = world.manager.connected;

  await until("an attempt", () => world.attempts.length > 0);
  const disposing = world.manager[Symbol.asyncDispose]();
  assert.deepEqual(world.attempts.map(({ aborted }) => aborted), [true]);
  gate.resolve();
  await within(disposing, "the end");

  await assert.rejects(connected, { message: "The client is stopping" });
  assert.equal(world.pairs[0]?.server.acceptsStreams, false);
  assert.equal(world.attempts.length, 1);
});

Deno.test("a manager is busy while a request runs on any session", async () => {
  await using world = new World(2);
  await world.opened(2);
  await until("two sessions", () => world.manager.sessions.length === 2);
  assert.equal(world.manager.isBusy, false);

  const stream = await world.pairs[1]?.client.request(get());
  await until("the request", () => world.manager.isBusy);
  stream?.close();

  await until("its end", () => !world.manager.isBusy);
});

Deno.test("while all sessions are silent, another one is open for requests", async () => {
  await using stack = new AsyncDisposableStack();
  const [silent, socket] = await connect("tcp");
  stack.defer(() => silent.close());
  // An empty SETTINGS: a server that was there, and is gone.
  await silent.write(CLIENT_PREFACE);
  await silent.write(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0));
  let others: () => Iterable<unknown> = () => [];
  let spare: Pair | undefined;
  await using manager = new ConnectionManager({
    size: 1,
    address: ADDRESS,
    overdueAfter: 20,
    async open(_signal, sessions) {
      if (manager.sessions.length === 0) {
        return startHttp2Server(socket, {
          pingInterval: 20,
          onStream() {},
        });
      }
      spare ??= stack.use(await startPair(() => Promise.resolve()));
      others = sessions;
      return spare.server;
    },
    onChange() {},
    onRefused() {},
  });

  await until("the other session", () => [...others()].length === 2);
  const stream = await spare?.client.request(get());
  await until("the request", () => manager.isBusy);
  stream?.close();

  await until("its end", () => !manager.isBusy);
  assert.equal(manager.sessions.length, 1);
});

Deno.test("when all sessions are lost, a place that pauses holds up no other", async () => {
  const pause = Promise.withResolvers<void>();
  const world: World = new World(2, {
    // The place that lost its session first pauses until the test ends.
    pause: () => world.pauses.length === 1 ? pause.promise : Promise.resolve(),
  });
  await using _world = world;
  await until("two sessions", () => world.manager.sessions.length === 2);
  const [first, second] = world.pairs;

  await first?.client[Symbol.asyncDispose]();
  await until("its pause", () => world.pauses.length === 1);
  await second?.client[Symbol.asyncDispose]();

  await world.opened(3);
  pause.resolve();
});

/** A pause that lasts until the manager stops. */
function endOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

function http2Error(code: number): Http2Error {
  return new Http2Error("x", {
    code,
    scope: "connection",
    initiator: "peer",
  });
}
