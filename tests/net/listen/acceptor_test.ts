/** @module */
import assert from "node:assert/strict";
import {
  type AcceptOptions,
  Acceptor,
} from "../../../src/net/listen/acceptor.ts";
import type { AcceptedConnection } from "../../../src/net/listen/accepted_connection.ts";
import { closeQuietly } from "../../../src/net/stream/byte_stream.ts";
import { listenTcp } from "../../../src/net/listen/listen.ts";
import { ConnectionLimits } from "../../../src/net/listen/connection_limits.ts";
import { within } from "../../testing/deadline.ts";
import { ManualClock } from "../../server/manual_clock.ts";
import { RawClient } from "../../testing/raw_client.ts";

const ANYWHERE = { hostname: "127.0.0.1", port: 0 };

/** Accepts plain connections on a port of the system's choice. */
function accept(options: AcceptOptions): Acceptor {
  return new Acceptor(listenTcp(ANYWHERE), options);
}

/** Serves connections by sending back what comes. */
async function echo(conn: AcceptedConnection): Promise<void> {
  const buffer = new Uint8Array(100);
  for (
    let count = await conn.read(buffer);
    count !== null;
    count = await conn.read(buffer)
  ) await conn.write(buffer.subarray(0, count));
}

/** Connects and waits until the connection is served. */
async function connectTo({ address }: Acceptor): Promise<RawClient> {
  const client = await RawClient.connect(address);
  await client.send("?");
  await client.readThrough("?");
  return client;
}

Deno.test("Acceptor serves connections on a port that it can tell", async () => {
  await using acceptor = accept({ serve: echo });

  using one = await connectTo(acceptor);
  using two = await connectTo(acceptor);
  await two.send("hello");

  assert.equal(await two.readThrough("hello"), "hello");
  assert.notEqual(acceptor.address.port, 0);
  assert.equal(acceptor.address.hostname, "127.0.0.1");
  assert.equal(acceptor.openConnections, 2);
  one.close();
});

Deno.test("Acceptor closes a connection that was served, and forgets it", async () => {
  await using acceptor = accept({
    serve: async (conn) => {
      await conn.read(new Uint8Array(1));
    },
  });
  using client = await RawClient.connect(acceptor.address);

  await client.send("?");

  assert.equal(await client.readAll(), "");
  assert.equal(acceptor.openConnections, 0);
});

Deno.test("Acceptor closes a connection over the limit, and takes one when another has ended", async () => {
  const limits = new ConnectionLimits({ max: 1 });
  await using acceptor = accept({
    limits,
    serve(conn) {
      conn.admit();
      return echo(conn);
    },
  });
  const first = await connectTo(acceptor);

  using second = await RawClient.connect(acceptor.address);
  assert.equal(await second.readAll(), "");

  await first.closeWrite();
  await first.readAll();
  first.close();
  using third = await connectTo(acceptor);
  await third.closeWrite();
  assert.deepEqual([...limits.ports.get("port")?.refused ?? []], [
    ["address", 1],
  ]);
});

Deno.test("Acceptor ends a connection that is pending for too long, and no other", async () => {
  const clock = new ManualClock();
  const limits = new ConnectionLimits();
  await using acceptor = accept({
    clock,
    limits,
    loginTimeout: 60_000,
    async serve(conn) {
      const first = new Uint8Array(1);
      await conn.read(first);
      if (first[0] === 0x61) conn.admit();
      await conn.write(first);
      await echo(conn);
    },
  });
  using pending = await RawClient.connect(acceptor.address);
  await pending.send("p");
  await pending.readThrough("p");
  using admitted = await RawClient.connect(acceptor.address);
  await admitted.send("a");
  await admitted.readThrough("a");

  clock.advance(59_000);
  await pending.send("?");
  assert.equal(await pending.readThrough("?"), "?");
  clock.advance(6_000);

  assert.equal(await pending.readAll(), "");
  await admitted.send("!");
  assert.equal(await admitted.readThrough("!"), "!");
  assert.equal(limits.ports.get("port")?.refused.get("login_timeout"), 1);
});

Deno.test("Acceptor ends a connection that is silent both ways, and none on which something moves", async () => {
  const clock = new ManualClock();
  const limits = new ConnectionLimits();
  await using acceptor = accept({
    clock,
    limits,
    silenceTimeout: 900_000,
    serve(conn) {
      conn.admit();
      return echo(conn);
    },
  });
  using silent = await connectTo(acceptor);
  using lively = await connectTo(acceptor);

  for (let minute = 0; minute < 14; minute++) clock.advance(60_000);
  await lively.send("!");
  await lively.readThrough("!");
  for (let minute = 0; minute < 3; minute++) clock.advance(60_000);

  assert.equal(await silent.readAll(), "");
  await lively.send("?");
  assert.equal(await lively.readThrough("?"), "?");
  assert.equal(limits.ports.get("port")?.refused.get("silent"), 1);
});

Deno.test("Acceptor tells what went wrong with a connection, and goes on", async () => {
  const failures: unknown[] = [];
  const failure = new RangeError("broken");
  let served = 0;
  await using acceptor = accept({
    serve: (conn) => ++served === 1 ? Promise.reject(failure) : echo(conn),
    onError: (cause) => failures.push(cause),
  });

  using first = await RawClient.connect(acceptor.address);
  assert.equal(await first.readAll(), "");
  using _second = await connectTo(acceptor);

  assert.deepEqual(failures, [failure]);
});

Deno.test("Acceptor forgets a connection that failed before anything was awaited", async () => {
  await using acceptor = accept({
    serve: () => {
      throw new RangeError("broken");
    },
  });

  using client = await RawClient.connect(acceptor.address);

  assert.equal(await client.readAll(), "");
  assert.equal(acceptor.openConnections, 0);
});

Deno.test("Acceptor takes no connections once it is disposed", async () => {
  const acceptor = accept({ serve: echo });

  await acceptor[Symbol.asyncDispose]();

  await acceptor.done;
  await assert.rejects(
    RawClient.connect(acceptor.address),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("Acceptor waits for connections that come to an end in order", async () => {
  const acceptor = accept({
    serve: async (conn, signal) => {
      await conn.write(new TextEncoder().encode("?"));
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await conn.write(new TextEncoder().encode("bye"));
    },
  });
  using client = await RawClient.connect(acceptor.address);
  await client.readThrough("?");

  await acceptor[Symbol.asyncDispose]();

  assert.equal(acceptor.openConnections, 0);
  assert.equal(await client.readAll(), "bye");
});

Deno.test("Acceptor cuts connections that do not end in time", async () => {
  const acceptor = accept({ serve: echo, shutdownTimeout: 10 });
  using client = await connectTo(acceptor);

  await within(acceptor[Symbol.asyncDispose](), "the acceptor to end");

  assert.equal(acceptor.openConnections, 0);
  assert.equal(await client.readAll(), "");
});

Deno.test("Acceptor may be disposed twice, and both wait for the end", async () => {
  const acceptor = accept({ serve: echo, shutdownTimeout: 10 });
  using client = await connectTo(acceptor);

  const first = acceptor[Symbol.asyncDispose]();
  await acceptor[Symbol.asyncDispose]();

  assert.equal(acceptor.openConnections, 0);
  await first;
  assert.equal(await client.readAll(), "");
});

Deno.test("Acceptor allows the function that serves a connection to close it", async () => {
  const failures: unknown[] = [];
  await using acceptor = accept({
    serve: (conn) => Promise.resolve(closeQuietly(conn)),
    onError: (cause) => failures.push(cause),
  });

  using client = await RawClient.connect(acceptor.address);

  assert.equal(await client.readAll(), "");
  assert.deepEqual(failures, []);
});

Deno.test("Acceptor tells that it accepts no connections, and nothing when it closes", async () => {
  const listener = listenTcp(ANYWHERE);
  const failed = Promise.withResolvers<void>();
  const acceptor = new Acceptor(listener, {
    serve: echo,
    port: "proxy",
    onError: () => failed.resolve(),
  });
  {
    using _client = await connectTo(acceptor);
    assert.equal(acceptor.trouble, undefined);
  }

  // As if the system had taken it away.
  listener.close();
  await within(failed.promise, "a failed accept");

  assert.match(
    acceptor.trouble ?? "",
    /^the proxy port accepts no connections: ./,
  );
  const closed = Promise.resolve(acceptor[Symbol.asyncDispose]());
  assert.equal(acceptor.trouble, undefined);
  await within(closed, "the end");
});

Deno.test("Acceptor accepts again: its trouble is over", async () => {
  const clock = new ManualClock();
  const troubles: string[] = [];
  const { promise: pending, reject } = Promise.withResolvers<never>();
  const accepts: (() => Promise<Deno.TcpConn>)[] = [
    () => Promise.reject(new Error("The network is down")),
    () => Promise.reject(new Error("The network is down")),
    () => pending,
  ];
  const failed = Promise.withResolvers<void>();
  const again = Promise.withResolvers<void>();
  const listener = {
    addr: { transport: "tcp", ...ANYWHERE },
    accept() {
      const next = accepts.shift() ?? assert.fail();
      if (accepts.length === 0) again.resolve();
      return next();
    },
    close: () => reject(new Deno.errors.BadResource("closed")),
  };
  await using acceptor = new Acceptor(listener as Deno.TcpListener, {
    serve: echo,
    clock,
    onError: () => failed.resolve(),
    limits: new ConnectionLimits({
      onTrouble: (port, cause) => troubles.push(`${port}: ${cause}`),
    }),
  });

  await within(failed.promise, "the failed accept");
  const atOnce = acceptor.trouble;
  await within(again.promise, "the next accept");
  assert.deepEqual(troubles, ["port: Error: The network is down"]);
  clock.advance(10_000);

  assert.match(atOnce ?? "", /The network is down/);
  assert.equal(acceptor.trouble, undefined);
});
