/** @module */
import assert from "node:assert/strict";
import { prefixedStream } from "../../../src/net/stream/prefixed_stream.ts";
import { RawClient } from "../../testing/raw_client.ts";
import { ByteScanner, bytesOf, textOf } from "../../testing/byte_scanner.ts";
import { startEchoServer } from "../../testing/tcp_server.ts";

Deno.test("prefixedStream() gives the prefix first, however small the reads, then the stream", async () => {
  await using echo = startEchoServer();
  using client = await RawClient.connect(echo);
  const stream = prefixedStream(bytesOf("early "), client.conn);

  await stream.write(bytesOf("late"));
  await stream.closeWrite();

  const into = new Uint8Array(4);
  assert.equal(await stream.read(into), 4);
  assert.equal(textOf(into), "earl");
  assert.equal(await stream.read(into), 2);
  assert.equal(textOf(into.subarray(0, 2)), "y ");
  assert.equal(textOf(await new ByteScanner(stream).readAll()), "late");
});

Deno.test("prefixedStream() does not wait for the stream while it has a prefix", async () => {
  await using echo = startEchoServer();
  using client = await RawClient.connect(echo);
  const stream = prefixedStream(bytesOf("early"), client.conn);

  assert.equal(await stream.read(new Uint8Array(100)), 5);
});

Deno.test("prefixedStream() with nothing to give first is the stream", async () => {
  await using echo = startEchoServer();
  using client = await RawClient.connect(echo);

  assert.equal(prefixedStream(new Uint8Array(0), client.conn), client.conn);
});

Deno.test("prefixedStream() closes the stream", async () => {
  await using echo = startEchoServer();
  using client = await RawClient.connect(echo);

  prefixedStream(bytesOf("early"), client.conn).close();

  await assert.rejects(client.conn.read(new Uint8Array(1)));
});
