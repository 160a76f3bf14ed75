/** Interim responses: which are sent, how many, and until when. */
import assert from "node:assert/strict";
import { Fields } from "../../../src/http/fields.ts";
import { InterimWriter } from "../../../src/http1/server/interim_writer.ts";

function setUp({ isHttp10 = false, expectsContinue = false } = {}) {
  const sent: string[] = [];
  const decoder = new TextDecoder();
  const sink = {
    write(bytes: Uint8Array) {
      sent.push(decoder.decode(bytes));
      return Promise.resolve(bytes.length);
    },
  };
  const writer = new InterimWriter(sink, { isHttp10, expectsContinue });
  return { sent, writer, sink };
}

const FIELDS = new Fields();
FIELDS.append("Link", "</a.css>");
const NONE = new Fields();

Deno.test("interim responses are sent whole, in order", async () => {
  const { sent, writer } = setUp();
  assert.equal(writer.end(), undefined);

  const again = setUp();
  again.writer.send(103, FIELDS);
  again.writer.send(102, NONE);
  await again.writer.end();

  assert.deepEqual(sent, []);
  assert.deepEqual(again.sent, [
    "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
    "HTTP/1.1 102 Processing\r\n\r\n",
  ]);
});

Deno.test("100 is sent once, and only to a peer that waits for it", async () => {
  const waiting = setUp({ expectsContinue: true });
  assert.equal(waiting.writer.needsContinue, true);
  waiting.writer.onContentRead(false);
  assert.equal(waiting.writer.needsContinue, false);
  waiting.writer.onContentRead(false);
  waiting.writer.send(100, NONE);
  await waiting.writer.end();
  assert.deepEqual(waiting.sent, ["HTTP/1.1 100 Continue\r\n\r\n"]);

  const other = setUp();
  other.writer.send(100, NONE);
  other.writer.onContentRead(false);
  await other.writer.end();
  assert.deepEqual(other.sent, []);
});

Deno.test("a peer that sends its content already needs no 100", async () => {
  const { sent, writer } = setUp({ expectsContinue: true });
  writer.onContentRead(true);
  assert.equal(writer.needsContinue, false);
  writer.onContentRead(false);
  await writer.end();
  assert.deepEqual(sent, []);
});

Deno.test("HTTP/1.0 knows no interim responses", async () => {
  const { sent, writer } = setUp({ isHttp10: true, expectsContinue: true });
  writer.send(103, FIELDS);
  writer.onContentRead(false);
  await writer.end();
  assert.deepEqual(sent, []);
});

Deno.test("nothing is sent once the final response has begun", async () => {
  const { sent, writer } = setUp();
  writer.send(103, NONE);
  const end = writer.end();
  writer.send(103, NONE);
  await end;
  assert.equal(sent.length, 1);
});

Deno.test("an exchange has 64 of them, and no more", async () => {
  const { sent, writer } = setUp();
  for (let count = 0; count < 70; count++) writer.send(103, NONE);
  await writer.end();
  assert.equal(sent.length, 64);
});

Deno.test("other statuses are refused", async () => {
  const { writer } = setUp();
  for (const status of [99, 200, 103.5, NaN]) {
    assert.throws(() => writer.send(status, NONE), /it is not 1xx/);
  }
  assert.throws(() => writer.send(101, NONE), /respond with a stream/);
  writer.send(199, NONE);
  await writer.end();
});

Deno.test("a peer that has gone does not matter", async () => {
  const { writer, sink } = setUp();
  sink.write = () => Promise.reject(new Error("reset"));
  writer.send(103, NONE);
  writer.send(103, NONE);
  await writer.end();
});

Deno.test("an interim response is whole before the next one begins", async () => {
  const { writer, sent, sink } = setUp();
  const decoder = new TextDecoder();
  sink.write = async (bytes) => {
    for (let turn = 0; turn < 5; turn++) await undefined;
    const part = bytes.subarray(0, 7);
    sent.push(decoder.decode(part));
    return part.length;
  };
  writer.send(103, NONE);
  writer.send(102, NONE);
  await writer.end();
  assert.equal(
    sent.join(""),
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
  );
});
