import assert from "node:assert/strict";
import type { Http2ServerStream } from "../../../src/http2/api.ts";
import { ErrorCode, Http2Error } from "../../../src/http2/errors.ts";
import { writeAll } from "../../../src/net/stream/copy.ts";
import {
  connectTo,
  get,
  post,
  readAll,
  startPair,
  TRANSPORTS,
} from "../pairs.ts";

const OK = [":status", "200"];

async function answer(
  stream: Http2ServerStream,
  content: Uint8Array,
): Promise<void> {
  await stream.respond(OK);
  await writeAll(stream, content);
  await stream.closeWrite();
}

async function echo(stream: Http2ServerStream): Promise<void> {
  await stream.respond(OK);
  await stream.writeTo(stream);
  await stream.closeWrite();
}

function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let x = seed;
  for (let at = 0; at < length; at++) {
    x = (x * 1103515245 + 12345) & 0x7fffffff;
    bytes[at] = x >> 16;
  }
  return bytes;
}

function isHttp2Error(expected: Partial<Http2Error>) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Http2Error, String(error));
    for (const [name, value] of Object.entries(expected)) {
      assert.equal(Reflect.get(error, name), value, `${name} of: ${error}`);
    }
    return true;
  };
}

for (const over of TRANSPORTS) {
  Deno.test(`request() gets a response with fields, content and trailers over ${over}`, async () => {
    await using pair = await startPair(async (stream) => {
      assert.deepEqual(stream.fields, post("/echo", "x-a", "1"));
      const content = await readAll(stream);
      await stream.respond([...OK, "x-trailers", String(stream.trailers)]);
      await writeAll(stream, content);
      await stream.sendTrailers(["x-end", "yes"]);
    }, { over });

    const stream = await pair.client.request(post("/echo", "x-a", "1"));
    await writeAll(stream, pattern(3000));
    await stream.sendTrailers(["x-sum", "7"]);
    const response = await stream.response;
    const content = await readAll(stream);

    assert.deepEqual(response, {
      fields: [...OK, "x-trailers", "x-sum,7"],
      endStream: false,
    });
    assert.deepEqual(content, pattern(3000));
    assert.deepEqual(stream.trailers, ["x-end", "yes"]);
    await stream.closed;
  });

  Deno.test(`bodies of awkward sizes come back whole over ${over}`, async () => {
    await using pair = await startPair(echo, { over });
    const longest = over === "eight bytes" ? 20_000 : 70_000;

    for (const size of [0, 1, 16_384, 65_535, 65_536, 65_537, longest]) {
      if (size > longest) continue;
      const stream = await pair.client.request(post());
      const sent = pattern(size, size);
      const [, received] = await Promise.all([
        writeAll(stream, sent).then(() => stream.closeWrite()),
        readAll(stream),
      ]);
      assert.deepEqual(received, sent);
    }
  });
}

Deno.test("a request without content arrives with endStream", async () => {
  await using pair = await startPair(async (stream) => {
    await stream.respond(
      [...OK, "x-end", String(stream.endStream)],
      { endStream: true },
    );
  });

  const stream = await pair.client.request(get(), { endStream: true });

  assert.deepEqual(await stream.response, {
    fields: [...OK, "x-end", "true"],
    endStream: true,
  });
  assert.equal(await stream.read(new Uint8Array(1)), null);
});

Deno.test("inform() sends interim responses before the final one", async () => {
  await using pair = await startPair(async (stream) => {
    await stream.inform([":status", "103", "link", "</a.css>"]);
    await stream.respond(OK, { endStream: true });
  });
  const interim: string[][] = [];

  const stream = await pair.client.request(get(), { endStream: true });
  stream.interimTarget = { onInterim: (fields) => interim.push(fields) };
  await stream.response;

  assert.deepEqual(interim, [[":status", "103", "link", "</a.css>"]]);
});

Deno.test("CONNECT: either side may finish first and still receive", async () => {
  await using pair = await startPair(async (stream) => {
    await stream.respond(OK);
    if (stream.fields.includes("first.test:1")) {
      await writeAll(stream, pattern(10));
      await stream.closeWrite();
      assert.deepEqual(await readAll(stream), pattern(20));
      return;
    }
    assert.deepEqual(await readAll(stream), pattern(20));
    await writeAll(stream, pattern(10));
    await stream.closeWrite();
  });

  const first = await pair.client.request(connectTo("first.test:1"));
  assert.deepEqual(await readAll(first), pattern(10));
  await writeAll(first, pattern(20));
  await first.closeWrite();
  await first.closed;
  const second = await pair.client.request(connectTo("second.test:1"));
  await writeAll(second, pattern(20));
  await second.closeWrite();
  assert.deepEqual(await readAll(second), pattern(10));
  await second.closed;

  assert.equal(pair.client.openStreams, 0);
});

Deno.test("extended CONNECT waits for the server's SETTINGS and carries bytes", async () => {
  await using pair = await startPair(echo);

  const stream = await pair.client.request([
    ":method",
    "CONNECT",
    ":protocol",
    "websocket",
    ":scheme",
    "https",
    ":path",
    "/chat",
    ":authority",
    "a.test",
  ]);
  await writeAll(stream, pattern(100));
  await stream.closeWrite();

  assert.deepEqual(await readAll(stream), pattern(100));
});

Deno.test("extended CONNECT is refused here when the server has not enabled it", async () => {
  await using pair = await startPair(echo, {
    server: { enableConnectProtocol: false },
  });

  await assert.rejects(
    pair.client.request([
      ...[":method", "CONNECT", ":protocol", "websocket", ":scheme", "https"],
      ...[":path", "/chat", ":authority", "a.test"],
    ]),
    isHttp2Error({ code: ErrorCode.PROTOCOL_ERROR }),
  );
});

Deno.test("request() refuses fields that HTTP/2 does not carry", async () => {
  await using pair = await startPair(echo);

  for (
    const bad of [
      get("/", "Upper", "1"),
      get("/", "connection", "close"),
      get("/", "x", "a\r\nb: c"),
      get("relative"),
      ["x", "1"],
    ]
  ) {
    await assert.rejects(pair.client.request(bad), TypeError);
  }
  assert.equal(pair.client.openStreams, 0);
});

Deno.test("respond() refuses a second response and an interim status", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using pair = await startPair(async (stream) => {
    await assert.rejects(stream.write(pattern(1)), TypeError);
    await assert.rejects(stream.respond([":status", "100"]), TypeError);
    await assert.rejects(stream.inform(OK), TypeError);
    await stream.respond(OK);
    await assert.rejects(stream.respond(OK), TypeError);
    await stream.closeWrite();
    resolve();
  });

  await pair.client.request(get(), { endStream: true });

  await promise;
});

Deno.test("256 streams at once each get their own content", async () => {
  await using pair = await startPair(echo, { over: "tls" });

  const exchanges = Array.from({ length: 256 }, async (_, index) => {
    const stream = await pair.client.request(post(`/${index}`));
    const sent = pattern(5000 + index, index);
    await writeAll(stream, sent);
    await stream.closeWrite();
    assert.deepEqual(await readAll(stream), sent);
  });

  await Promise.all(exchanges);
});

Deno.test("requests above the peer's limit wait for their turn", async () => {
  let most = 0;
  await using pair = await startPair(async (stream) => {
    most = Math.max(most, pair.server.openStreams);
    await echo(stream);
  }, { server: { maxConcurrentStreams: 3 } });
  await pair.client.ping();

  const exchanges = Array.from({ length: 20 }, async () => {
    const stream = await pair.client.request(get(), { endStream: true });
    await readAll(stream);
  });
  await Promise.all(exchanges);

  assert.equal(most, 3);
  assert.equal(pair.server.stats.streamsRefused, 0);
});

Deno.test("a request that waits for its turn can be aborted", async () => {
  await using pair = await startPair(() => Promise.resolve(), {
    server: { maxConcurrentStreams: 1 },
  });
  await pair.client.ping();
  const first = await pair.client.request(get(), { endStream: true });
  const controller = new AbortController();

  const second = pair.client.request(get(), { signal: controller.signal });
  controller.abort();

  await assert.rejects(second, { name: "AbortError" });
  first.close();
});

Deno.test("100 MB pass in both directions at once, identical by hash", async () => {
  await using pair = await startPair(echo, { over: "tls" });
  const block = pattern(1 << 20);
  const sent = new Uint8Array(100 << 20);
  for (let at = 0; at < sent.length; at += block.length) sent.set(block, at);

  const stream = await pair.client.request(post());
  const [, received] = await Promise.all([
    writeAll(stream, sent).then(() => stream.closeWrite()),
    readAll(stream),
  ]);

  const hash = async (bytes: Uint8Array) =>
    new Uint8Array(
      await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)),
    );
  assert.deepEqual(await hash(received), await hash(sent));
});

Deno.test("an unread stream stops neither others nor, later, itself", async () => {
  const paused = 80;
  await using pair = await startPair(
    (stream) => answer(stream, pattern(1_500_000, stream.id)),
    { server: { maxConcurrentStreams: 100 } },
  );

  const ignored = await Promise.all(
    Array.from(
      { length: paused },
      () => pair.client.request(get(), { endStream: true }),
    ),
  );
  for (let round = 0; round < 10; round++) {
    const stream = await pair.client.request(get(), { endStream: true });
    assert.equal((await readAll(stream)).length, 1_500_000);
  }

  assert.ok(pair.client.stats.unreadBytes >= paused * (1 << 18));
  for (const stream of ignored) {
    assert.deepEqual(await readAll(stream), pattern(1_500_000, stream.id));
  }
  assert.equal(pair.client.stats.unreadBytes, 0);
});

Deno.test("close() in the middle of content resets the stream and nothing else", async () => {
  const failures: unknown[] = [];
  await using pair = await startPair(async (stream) => {
    try {
      await answer(stream, pattern(5_000_000));
    } catch (error) {
      failures.push(error);
      assert.ok(stream.signal.aborted);
    }
  });

  const stream = await pair.client.request(get(), { endStream: true });
  await stream.read(new Uint8Array(1000));
  stream.close();
  await assert.rejects(
    stream.read(new Uint8Array(1000)),
    isHttp2Error({ initiator: "local", code: ErrorCode.CANCEL }),
  );
  await stream.closed;
  await pair.client.ping();

  isHttp2Error({ initiator: "peer", code: ErrorCode.CANCEL, scope: "stream" })(
    failures[0],
  );
  assert.equal(pair.client.stats.unreadBytes, 0);
  assert.equal(pair.server.openStreams, 0);
});

Deno.test("reset() in the middle of content is never a quiet end", async () => {
  await using pair = await startPair(async (stream) => {
    await stream.respond(OK);
    await writeAll(stream, pattern(1000));
    stream.reset(ErrorCode.CONNECT_ERROR);
  });

  const stream = await pair.client.request(get());
  const aborted = new Promise((resolve) =>
    stream.signal.addEventListener("abort", resolve)
  );

  await assert.rejects(
    readAll(stream),
    isHttp2Error({ initiator: "peer", code: ErrorCode.CONNECT_ERROR }),
  );
  await assert.rejects(stream.write(pattern(1)), Http2Error);
  await aborted;
});

Deno.test("a signal given to request() resets the stream", async () => {
  const seen = Promise.withResolvers<void>();
  await using pair = await startPair(async (stream) => {
    await stream.closed;
    seen.resolve();
  });
  const controller = new AbortController();

  const stream = await pair.client.request(get(), {
    signal: controller.signal,
  });
  controller.abort();

  await assert.rejects(
    stream.response,
    isHttp2Error({ code: ErrorCode.CANCEL, initiator: "local" }),
  );
  await seen.promise;
});

Deno.test("a server that has responded may stop the request's content without an error", async () => {
  await using pair = await startPair(async (stream) => {
    await stream.respond([":status", "413"]);
    await writeAll(stream, pattern(100));
    await stream.closeWrite();
    stream.close();
  });

  const stream = await pair.client.request(post());
  await assert.rejects(
    (async () => {
      for (;;) await stream.write(pattern(100_000));
    })(),
    isHttp2Error({ initiator: "peer", code: ErrorCode.NO_ERROR }),
  );

  assert.deepEqual(await readAll(stream), pattern(100));
});

for (const over of TRANSPORTS) {
  Deno.test(`a connection that is cut fails everything that waits over ${over}`, async () => {
    await using pair = await startPair(
      (stream) => answer(stream, pattern(5_000_000)),
      { over },
    );
    const reading = await pair.client.request(get(), { endStream: true });
    await reading.response;
    const waiting = await pair.client.request(post());
    const ping = pair.client.ping();
    await reading.read(new Uint8Array(1));

    pair.conns[0].close();

    const gone = isHttp2Error({ initiator: "transport", scope: "connection" });
    await Promise.all([
      assert.rejects(readAll(reading), gone),
      assert.rejects(waiting.response, gone),
      assert.rejects(writeAll(waiting, new Uint8Array(9_000_000)), gone),
      assert.rejects(ping, gone),
      assert.rejects(pair.client.done, gone),
      assert.rejects(pair.server.done, gone),
    ]);
    await assert.rejects(pair.client.request(get()), { retryable: true });
    assert.equal(pair.client.openStreams, 0);
  });
}

Deno.test("disposing ends both sides without an error when no stream is open", async () => {
  const pair = await startPair(echo);
  await pair.client.ping();

  await pair.client[Symbol.asyncDispose]();
  await pair.client[Symbol.asyncDispose]();

  await pair.client.done;
  await pair.server.done;
  await pair[Symbol.asyncDispose]();
});

Deno.test("disposing fails the streams that are open on both sides", async () => {
  const failed = Promise.withResolvers<unknown>();
  await using pair = await startPair(async (stream) => {
    await stream.respond(OK);
    await readAll(stream).catch(failed.resolve);
  });
  const stream = await pair.client.request(post());
  await stream.response;

  await pair.client[Symbol.asyncDispose]();

  await assert.rejects(readAll(stream), isHttp2Error({ initiator: "local" }));
  isHttp2Error({ initiator: "transport" })(await failed.promise);
});

Deno.test("an aborted signal ends the connection", async () => {
  const controller = new AbortController();
  await using pair = await startPair(echo, {
    client: { signal: controller.signal },
  });
  await pair.client.ping();

  controller.abort();

  await pair.client.done;
  await pair.server.done;
});

for (const side of ["client", "server"] as const) {
  Deno.test(`drain() by the ${side} lets open streams finish and new ones go elsewhere`, async () => {
    const go = Promise.withResolvers<void>();
    await using pair = await startPair(async (stream) => {
      await go.promise;
      await answer(stream, pattern(200_000));
    });
    const stream = await pair.client.request(get(), { endStream: true });
    await pair.client.ping();

    const drained = pair[side].drain();
    while (pair.client.acceptsStreams) await pair.client.ping();
    await assert.rejects(pair.client.request(get()), { retryable: true });
    go.resolve();

    assert.deepEqual(await readAll(stream), pattern(200_000));
    await drained;
    await pair.client.done;
    await pair.server.done;
  });
}

Deno.test("small requests get responses while a bulk stream runs", async () => {
  await using pair = await startPair(async (stream) => {
    if (!stream.fields.includes("/bulk")) {
      return await answer(stream, pattern(10));
    }
    await stream.respond(OK);
    const block = new Uint8Array(1 << 20);
    for (;;) await stream.write(block);
  }, { over: "tls" });
  const bulk = await pair.client.request(get("/bulk"), { endStream: true });
  const buffer = new Uint8Array(1 << 16);
  const reading = (async () => {
    for (;;) await bulk.read(buffer);
  })().catch(() => {});

  for (let count = 0; count < 50; count++) {
    const stream = await pair.client.request(get("/"), { endStream: true });
    assert.equal((await readAll(stream)).length, 10);
  }

  bulk.close();
  await reading;
});
