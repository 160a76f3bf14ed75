/** @module */
import assert from "node:assert/strict";
import {
  DEFAULT_GRACE,
  pipe,
  type PipeOptions,
  type PipeResult,
} from "../../../src/net/stream/pipe.ts";
import { ByteScanner, bytesOf, textOf } from "../../testing/byte_scanner.ts";
import { createTestAuthority } from "../../testing/certs.ts";
import { countedSignal } from "../../testing/counted_signal.ts";
import { within } from "../../testing/deadline.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";
import {
  digestReader,
  patternBytes,
  patternDigest,
} from "../../testing/pattern.ts";
import { RawClient } from "../../testing/raw_client.ts";
import {
  startDigestServer,
  startEchoServer,
  startGreetingServer,
  startResettingServer,
  TcpServer,
} from "../../testing/tcp_server.ts";

const MEBIBYTE = 1024 * 1024;

const authority = await createTestAuthority();
const certificate = await authority.issue(["127.0.0.1"]);

/** The two ways that connections are made. */
const TRANSPORTS = [
  { name: "TCP", server: {}, ca: undefined },
  { name: "TLS", server: { tls: certificate }, ca: authority.ca },
] as const;

type Transport = typeof TRANSPORTS[number];

/** A server that pipes its connections to another. */
interface PipingServer extends AsyncDisposable {
  readonly port: number;
  /** What the first pipe gave. */
  readonly result: Promise<PipeResult>;
}

function startPipe(
  port: number,
  { transport = TRANSPORTS[0], ...options }:
    & PipeOptions
    & { readonly transport?: Transport } = {},
): PipingServer {
  const { promise, resolve, reject } = Promise.withResolvers<PipeResult>();
  const server = new TcpServer(async (conn) => {
    try {
      const far = await RawClient.connect({ port, ca: transport.ca });
      resolve(await pipe(conn, far.conn, options));
    } catch (error) {
      reject(error);
    }
  }, transport.server);
  return {
    port: server.port,
    result: within(promise, "the pipe to end"),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

for (const transport of TRANSPORTS) {
  const { server, ca, name } = transport;

  Deno.test(`pipe() carries bytes both ways over ${name} and counts them`, async () => {
    await using echo = startEchoServer(server);
    await using piping = startPipe(echo.port, { transport });
    using client = await RawClient.connect({ port: piping.port, ca });

    const received = digestReader(client.conn);
    await client.send(patternBytes(MEBIBYTE));
    await client.closeWrite();

    assert.deepEqual(await received, patternDigest(MEBIBYTE));
    assert.deepEqual(await piping.result, {
      aToB: MEBIBYTE,
      bToA: MEBIBYTE,
      failure: undefined,
    });
  });

  Deno.test(`pipe() delivers the response that comes after one side has finished sending over ${name}`, async () => {
    await using digest = startDigestServer(server);
    await using piping = startPipe(digest.port, { transport });
    using client = await RawClient.connect({ port: piping.port, ca });

    await client.send(patternBytes(100_000));
    await client.closeWrite();

    assert.deepEqual(
      JSON.parse(await client.readAll()),
      patternDigest(100_000),
    );
    assert.equal((await piping.result).failure, undefined);
  });

  Deno.test(`pipe() delivers what is sent after the other side has finished over ${name}`, async () => {
    await using greeting = startGreetingServer("hello", server);
    await using piping = startPipe(greeting.port, { transport });
    using client = await RawClient.connect({ port: piping.port, ca });

    assert.equal(await client.readAll(), "hello");
    await client.send("thanks");
    await client.closeWrite();

    assert.equal(await greeting.received, "thanks");
    assert.deepEqual(await piping.result, {
      aToB: 6,
      bToA: 5,
      failure: undefined,
    });
  });

  Deno.test(`pipe() closes both sides over ${name} when the second does not end in its grace period`, async () => {
    const over = Promise.withResolvers<void>();
    await using silent = new TcpServer(async (conn) => {
      while (await conn.read(new Uint8Array(100)) !== null);
      // Never says that it has nothing more to send.
      await over.promise;
    }, server);
    await using piping = startPipe(silent.port, { transport, grace: 10 });
    using client = await RawClient.connect({ port: piping.port, ca });

    await client.closeWrite();

    assert.equal(await client.readAll(), "");
    assert.deepEqual(
      (await piping.result).failure,
      new DOMException(
        "The second direction went on for 10 ms after the first",
        "TimeoutError",
      ),
    );
    over.resolve();
  });
}

Deno.test("pipe() lets the second side go on until its grace period is over", async () => {
  const [browser, near] = createMemoryDuplex();
  const [far, origin] = createMemoryDuplex();
  const piping = pipe(near, far, { grace: 3_600_000 });

  await browser.closeWrite();
  assert.equal(await origin.read(new Uint8Array(1)), null);
  await origin.write(bytesOf("late"));
  const late = await new ByteScanner(browser).readExactly(4);
  await origin.closeWrite();

  assert.equal(textOf(late), "late");
  assert.deepEqual(await piping, { aToB: 0, bToA: 4, failure: undefined });
});

Deno.test("pipe() works over eight bytes", async () => {
  const [browser, near] = createMemoryDuplex(8);
  const [far, origin] = createMemoryDuplex(8);
  const piping = pipe(near, far);
  const question = "How long is a piece of string?";
  const received = new ByteScanner(origin).readAll();
  for (let at = 0; at < question.length;) {
    at += await browser.write(bytesOf(question.slice(at)));
  }
  await browser.closeWrite();

  assert.equal(textOf(await received), question);
  await origin.closeWrite();
  assert.equal((await piping).aToB, question.length);
});

Deno.test("pipe() ends the client's connection when the origin resets its own", async () => {
  await using resetting = await startResettingServer("partial");
  await using piping = startPipe(resetting.port);
  using client = await RawClient.connect(piping);

  await client.send("?");
  await within(
    client.conn.read(new Uint8Array(100)).catch(() => null),
    "the connection to end",
  );

  const { failure } = await piping.result;
  assert.ok(failure instanceof Error, String(failure));
});

Deno.test("pipe() ends the origin's connection when the client breaks its own", async () => {
  const [browser, near] = createMemoryDuplex();
  const [far, origin] = createMemoryDuplex();
  const piping = pipe(near, far);

  browser.cut();

  const { failure } = await piping;
  assert.ok(failure instanceof Deno.errors.ConnectionReset, String(failure));
  await assert.rejects(origin.write(bytesOf("?")));
});

Deno.test("pipe() closes both sides when its signal is aborted", async () => {
  const stop = new AbortController();
  await using echo = startEchoServer();
  await using piping = startPipe(echo.port, { signal: stop.signal });
  using client = await RawClient.connect(piping);
  await client.send("hello");
  await client.readThrough("hello");

  stop.abort(new RangeError("enough"));

  assert.equal(await client.readAll(), "");
  assert.deepEqual((await piping.result).failure, new RangeError("enough"));
});

Deno.test("pipe() carries nothing when its signal is aborted already", async () => {
  const signal = AbortSignal.abort(new RangeError("enough"));
  await using echo = startEchoServer();
  await using piping = startPipe(echo.port, { signal });
  using client = await RawClient.connect(piping);

  assert.equal(await client.readAll(), "");
  assert.deepEqual(await piping.result, {
    aToB: 0,
    bToA: 0,
    failure: new RangeError("enough"),
  });
});

Deno.test("pipe() leaves no listener on a signal that outlives it", async () => {
  const counted = countedSignal();
  const [browser, near] = createMemoryDuplex();
  const [far, origin] = createMemoryDuplex();
  await browser.closeWrite();
  await origin.closeWrite();

  await pipe(near, far, { signal: counted.signal });

  assert.equal(counted.listeners, 0);
});

Deno.test("the second direction has a minute by default", () => {
  assert.equal(DEFAULT_GRACE, 60_000);
});
