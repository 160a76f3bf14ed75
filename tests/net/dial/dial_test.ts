/** @module */
import assert from "node:assert/strict";
import {
  alternateFamilies,
  createDial,
  type DialOptions,
} from "../../../src/net/dial/dial.ts";
import type { Resolver } from "../../../src/net/names/resolver.ts";
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
