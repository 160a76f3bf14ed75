/** Content of each framing, how it is dropped, and what its owner hears. */
import assert from "node:assert/strict";
import { Http1Error } from "../../../src/http1/errors.ts";
import { BufferedReader } from "../../../src/http1/parse/buffered_reader.ts";
import type { Framing } from "../../../src/http1/parse/framing.ts";
import { MessageBody } from "../../../src/http1/parse/message_body.ts";
import { bytesOf, textOf, writeAll } from "../../testing/byte_scanner.ts";
import { createMemoryDuplex } from "../../testing/memory_duplex.ts";

const CHUNKED: Framing = { kind: "chunked" };
const CLOSE: Framing = { kind: "close" };

/** A body of what is sent, and what its owner has heard. */
async function open(
  framing: Framing,
  sent: string,
  { isOver = true } = {},
) {
  const [near, far] = createMemoryDuplex();
  await writeAll(far, bytesOf(sent));
  if (isOver) await far.closeWrite();
  const heard: string[] = [];
  const body = new MessageBody(new BufferedReader(near), framing, {
    onStart: () => heard.push("start"),
    onComplete: () => heard.push("complete"),
    onFailure: (cause) => heard.push(`failure ${codeOf(cause)}`),
  });
  return { body, heard, far };
}

function codeOf(cause: unknown): string {
  return cause instanceof Http1Error ? cause.code : String(cause);
}

async function pieceOf(body: MessageBody, size = 99): Promise<string | null> {
  const into = new Uint8Array(size);
  const count = await body.read(into);
  return count === null ? null : textOf(into.subarray(0, count));
}

for (
  const [framing, sent, length] of [
    [{ kind: "length", length: 3 }, "abcnext", 3],
    [CHUNKED, "3\r\nabc\r\n0\r\n\r\nnext", undefined],
    [CLOSE, "abc", undefined],
  ] as const
) {
  Deno.test(`content of ${framing.kind} is read to its end, which is heard once`, async () => {
    const { body, heard } = await open(framing, sent);

    assert.equal(body.length, length);
    assert.equal(body.isComplete, false);
    assert.deepEqual(heard, []);
    assert.equal(await pieceOf(body), "abc");
    assert.equal(await pieceOf(body), null);
    assert.equal(await pieceOf(body), null);

    assert.equal(body.isComplete, true);
    assert.equal(body.failure, undefined);
    body.cancel();
    assert.equal(body.failure, undefined);
    assert.deepEqual(heard, ["start", "complete"]);
  });
}

Deno.test("content has the trailers that came after it", async () => {
  const sent = "1\r\na\r\n0\r\nx-sum: 7\r\n\r\n";
  const { body } = await open(CHUNKED, sent);
  const sum = () => body.trailers?.get("x-sum");
  assert.equal(sum(), undefined);

  while (await pieceOf(body) !== null);

  assert.equal(sum(), "7");
});

Deno.test("content that is cut short fails the read, and every later one", async () => {
  const { body, heard } = await open({ kind: "length", length: 3 }, "ab");
  assert.equal(await pieceOf(body), "ab");

  for (let times = 0; times < 2; times++) {
    await assert.rejects(pieceOf(body), { code: "cutShort" });
  }

  assert.equal(codeOf(body.failure), "cutShort");
  body.cancel();
  assert.equal(codeOf(body.failure), "cutShort");
  assert.deepEqual(heard, ["start", "failure cutShort"]);
});

Deno.test("cancelled content cannot be read, and has its reason", async () => {
  const { body, heard } = await open(CLOSE, "abc");
  const reason = new Error("enough");

  body.cancel(reason);
  body.cancel();

  await assert.rejects(pieceOf(body), { code: "cancelled", cause: reason });
  assert.deepEqual(heard, ["failure cancelled"]);
});

Deno.test("one read is pending at a time, and has room", async () => {
  const { body, far } = await open(CLOSE, "", { isOver: false });
  const pending = pieceOf(body);

  await assert.rejects(pieceOf(body), /another read is pending/);
  await writeAll(far, bytesOf("abc"));

  assert.equal(await pending, "abc");
  await assert.rejects(pieceOf(body, 0), /the buffer is empty/);
  await far.closeWrite();
  assert.equal(await pieceOf(body), null);
});

Deno.test("a message without content has no body", async () => {
  await assert.rejects(open({ kind: "none" }, ""), TypeError);
});

/** What is left of a message → whether dropping up to 10 bytes ends it. */
const DRAINED: readonly (readonly [Framing, string, boolean])[] = [
  [{ kind: "length", length: 10 }, "0123456789next", true],
  [{ kind: "length", length: 11 }, "0123456789a", false],
  [CHUNKED, "a\r\n0123456789\r\n0\r\n\r\n", true],
  [CHUNKED, "b\r\n0123456789a\r\n0\r\n\r\n", false],
  [CLOSE, "0123456789", true],
  [CLOSE, "0123456789a", false],
];

for (const [framing, sent, isEnd] of DRAINED) {
  Deno.test(`drain() of ${framing.kind} "${sent.trim()}" is ${isEnd}`, async () => {
    const { body, heard } = await open(framing, sent);

    assert.equal(await body.drain(10), isEnd);

    assert.deepEqual(heard, ["failure cancelled"]);
  });
}

Deno.test("drain() of content that was read has nothing to do", async () => {
  const { body, heard } = await open({ kind: "length", length: 3 }, "abc");
  assert.equal(await pieceOf(body), "abc");

  assert.equal(await body.drain(0), true);

  assert.deepEqual(heard, ["start", "complete"]);
});

Deno.test("drain() goes on where a cancelled reader stopped", async () => {
  const { body } = await open({ kind: "length", length: 6 }, "abcdef");
  assert.equal(await pieceOf(body, 2), "ab");
  body.cancel();

  assert.equal(await body.drain(4), true);
});

Deno.test("drain() does not trust broken content", async () => {
  const { body } = await open(CHUNKED, "x\r\n");
  await assert.rejects(pieceOf(body), { code: "malformed" });

  assert.equal(await body.drain(10), false);
});

Deno.test("drain() waits for a reader that does not know of it yet", async () => {
  const { body, far } = await open(CLOSE, "", { isOver: false });
  const pending = pieceOf(body);
  const drained = body.drain(10);

  await writeAll(far, bytesOf("ab"));
  await far.closeWrite();

  assert.equal(await pending, "ab");
  assert.equal(await drained, true);
});
