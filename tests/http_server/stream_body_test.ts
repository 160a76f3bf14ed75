/** @module */
import assert from "node:assert/strict";
import { bytesBody } from "../../src/http/bytes_body.ts";
import type { Body } from "../../src/http/exchange.ts";
import { Fields } from "../../src/http/fields.ts";
import type { Http2ServerStream } from "../../src/http2/api.ts";
import { sendBody, StreamBody } from "../../src/http_server/stream_body.ts";
import { get, type Pair, post, startPair } from "../http2/pairs.ts";
import { encodeFields, readFields } from "../../src/tunnel/wire_fields.ts";
import { ByteScanner } from "../testing/byte_scanner.ts";
import { within } from "../testing/deadline.ts";
import {
  digestReader,
  patternBytes,
  patternDigest,
} from "../testing/pattern.ts";

const SIZE = 300_000;
const { signal } = new AbortController();
const decodeFields = (list: readonly string[]) => readFields(list).fields;

/** A server that responds to every request with `body`. */
function startAnswering(body: () => Body): Promise<Pair> {
  return startPair(async (stream) => {
    await stream.respond([":status", "200"]);
    await sendBody(stream, body(), encodeFields);
  });
}

/** The content of the response to a GET. */
async function contentOf({ client }: Pair, length?: number): Promise<Body> {
  const stream = await client.request(get(), { endStream: true, signal });
  await stream.response;
  return new StreamBody(stream, length, { decodeFields });
}

/** Content that breaks after its first bytes, and says when it is cancelled. */
function brokenBody(cancelled: (reason: unknown) => void): Body {
  const { read } = bytesBody(patternBytes(100));
  let reads = 0;
  return {
    length: undefined,
    trailers: undefined,
    read: (into) =>
      reads++ === 0 ? read(into) : Promise.reject(new RangeError("broken")),
    cancel: cancelled,
  };
}

Deno.test("sendBody() and StreamBody carry content, and its end", async () => {
  await using pair = await startAnswering(() => bytesBody(patternBytes(SIZE)));

  const body = await contentOf(pair, SIZE);

  assert.equal(body.length, SIZE);
  assert.deepEqual(await digestReader(body), patternDigest(SIZE));
  assert.equal(body.trailers, undefined);
});

Deno.test("sendBody() sends one stream's content on to another", async () => {
  await using far = await startAnswering(() => bytesBody(patternBytes(SIZE)));
  await using near = await startPair(async (stream) => {
    await stream.respond([":status", "200"]);
    await sendBody(stream, await contentOf(far), encodeFields);
  });

  const body = await contentOf(near);

  assert.deepEqual(await digestReader(body), patternDigest(SIZE));
});

Deno.test("sendBody() sends trailers after the content, with the case they had", async () => {
  const trailers = new Fields([
    ...["Server-Timing", "a;dur=1", "x-sum", "1", "Sallyport-Names", "x"],
  ]);
  await using pair = await startAnswering(() => ({
    ...bytesBody(patternBytes(10)),
    trailers,
  }));

  const body = await contentOf(pair);
  await new ByteScanner(body).readAll();

  assert.deepEqual(body.trailers?.flat, [
    ...["Server-Timing", "a;dur=1", "x-sum", "1"],
  ]);
});

Deno.test("sendBody() lets nobody take content that was cut short for complete", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  const failed = Promise.withResolvers<unknown>();
  await using pair = await startPair(async (stream) => {
    await stream.respond([":status", "200"]);
    await sendBody(stream, brokenBody(cancelled.resolve), encodeFields).catch(
      failed.resolve,
    );
  });

  const body = await contentOf(pair);

  await assert.rejects(new ByteScanner(body).readAll(), { name: "Http2Error" });
  assert.deepEqual(await failed.promise, new RangeError("broken"));
  assert.deepEqual(await cancelled.promise, new RangeError("broken"));
});

Deno.test("sendBody() cancels content that nobody takes any more", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  const endless: Body = {
    length: undefined,
    trailers: undefined,
    read: (into) => Promise.resolve(into.length),
    cancel: cancelled.resolve,
  };
  await using pair = await startAnswering(() => endless);

  const body = await contentOf(pair);
  body.cancel();

  const reason = await within(cancelled.promise, "the content's end");
  assert.ok(reason instanceof Error && reason.name === "Http2Error");
});

Deno.test("StreamBody gives what a request brings, to a sink of its choice too", async () => {
  const received = Promise.withResolvers<number>();
  await using pair = await startPair(async (stream: Http2ServerStream) => {
    const body = new StreamBody(stream, undefined, { decodeFields });
    received.resolve(
      await body.writeTo({ write: (bytes) => Promise.resolve(bytes.length) }),
    );
    await stream.respond([":status", "200"], { endStream: true });
  });

  const stream = await pair.client.request(post(), {
    endStream: false,
    signal,
  });
  await sendBody(stream, bytesBody(patternBytes(SIZE)), encodeFields);

  assert.equal(await received.promise, SIZE);
  await stream.response;
});

Deno.test("StreamBody says once when somebody begins to read, in either way", async () => {
  await using pair = await startAnswering(() => bytesBody(patternBytes(SIZE)));
  const ways: readonly ((body: StreamBody) => Promise<unknown>)[] = [
    (body) => new ByteScanner(body).readAll(),
    (body) => body.writeTo({ write: (bytes) => Promise.resolve(bytes.length) }),
  ];
  for (const read of ways) {
    const stream = await pair.client.request(get(), {
      endStream: true,
      signal,
    });
    await stream.response;
    let starts = 0;
    const body = new StreamBody(stream, SIZE, {
      decodeFields,
      onStart: () => starts++,
    });
    assert.equal(starts, 0);

    await read(body);

    assert.equal(starts, 1);
  }
});

Deno.test("StreamBody leaves it to its owner what to do when the rest is not wanted", async () => {
  await using pair = await startAnswering(() => bytesBody(patternBytes(10)));
  const stream = await pair.client.request(get(), { endStream: true, signal });
  await stream.response;
  let cancels = 0;
  const body = new StreamBody(stream, 10, {
    decodeFields,
    onCancel: () => cancels++,
  });

  body.cancel();

  assert.equal(cancels, 1);
  assert.deepEqual(await digestReader(stream), patternDigest(10));
});
