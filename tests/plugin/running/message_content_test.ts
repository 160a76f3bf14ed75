/** Content as a hook reads and replaces it. */
import assert from "node:assert/strict";
import type { NewBody } from "../../../src/plugin/api/messages.ts";
import type { ContentPort } from "../../../src/plugin/results/outcomes.ts";
import { EditScope } from "../../../src/plugin/running/edit_scope.ts";
import {
  MessageContent,
  SENT_CONTENT,
  sourceOf,
} from "../../../src/plugin/running/message_content.ts";

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

/** Content of these bytes, and what is done with it. */
function setUp(...values: readonly number[]) {
  const heard: string[] = [];
  const left = values.map((value) => bytes(value));
  const port: ContentPort = {
    read(limit) {
      heard.push(`read ${limit}`);
      return Promise.resolve({ bytes: bytes(...values), trailers: ["a", "1"] });
    },
    open() {
      heard.push("open");
      return {
        ...{ trailers: ["b", "2"], isStarving: false },
        pull: () => Promise.resolve(left.shift()),
        cancel: () => void heard.push("cancel"),
      };
    },
    onClose: undefined,
  };
  const scope = new EditScope();
  return { content: new MessageContent(port, scope), heard, scope };
}

async function all(
  stream: ReadableStream<Uint8Array> | null,
): Promise<number[]> {
  const got: number[] = [];
  for await (const piece of stream ?? []) got.push(...piece);
  return got;
}

Deno.test("content is read once, and stays as it is", async () => {
  const { content, heard } = setUp(1, 2);
  assert.equal(content.trailers, undefined);
  const first = await content.read();
  assert.deepEqual([...first], [1, 2]);
  first[0] = 9;
  assert.deepEqual([...await content.read(2)], [1, 2]);
  assert.deepEqual(heard, ["read 1048576"]);
  assert.deepEqual(content.trailers, ["a", "1"]);
  assert.equal(content.plan(), undefined);
  assert.deepEqual([content.isReplaced, content.isStreaming], [false, false]);
});

Deno.test("content that is longer than the limit can be read with a higher one", async () => {
  const { content, heard } = setUp(1, 2);
  await assert.rejects(content.read(1), /longer than 1 bytes/);
  assert.deepEqual([...await content.read(2)], [1, 2]);
  await assert.rejects(content.read(0), /"limit" is 0/);
  assert.deepEqual(heard, ["read 1", "read 2"]);
});

Deno.test("a message without content is empty", async () => {
  const content = new MessageContent(undefined, new EditScope());
  assert.deepEqual([...await content.read()], []);
  assert.equal(content.stream, null);
  assert.equal(content.plan(), undefined);
});

Deno.test("content is read as a stream, piece by piece", async () => {
  const { content, heard } = setUp(1, 2, 3);
  assert.equal(content.stream, content.stream);
  assert.deepEqual(heard, []);
  assert.deepEqual(await all(content.stream), [1, 2, 3]);
  assert.deepEqual(heard, ["open"]);
  assert.equal(content.isStreaming, true);
  assert.deepEqual(content.trailers, ["b", "2"]);
  await assert.rejects(content.read(), /read as the stream "body" already/);
  assert.throws(() => content.plan(), /it has read "body" but assigned no/);
});

Deno.test("content that was read can be had as a stream too", async () => {
  const { content, heard } = setUp(1, 2);
  await content.read();
  assert.deepEqual(await all(content.stream), [1, 2]);
  assert.deepEqual(heard, ["read 1048576"]);
});

Deno.test("a stream that nobody wants is cancelled", async () => {
  const { content, heard } = setUp(1, 2);
  const reader = content.stream?.getReader();
  await reader?.read();
  await reader?.cancel();
  assert.deepEqual(heard, ["open", "cancel"]);
});

/** What replaces content → its bytes. */
const REPLACEMENTS: readonly (readonly [string, NewBody, number[]])[] = [
  ["nothing", null, []],
  ["a text", "é", [0xc3, 0xa9]],
  ["bytes", bytes(7, 8), [7, 8]],
  ["a buffer", bytes(7, 8).buffer, [7, 8]],
];

for (const [what, given, wanted] of REPLACEMENTS) {
  Deno.test(`content is replaced by ${what}`, async () => {
    const { content, heard } = setUp(1);
    content.replace(given);
    if (given instanceof Uint8Array) given[0] = 99;
    assert.equal(content.isReplaced, true);
    assert.deepEqual([...await content.read()], wanted);
    const plan = content.plan();
    assert.ok(plan?.kind === "bytes");
    assert.deepEqual([...plan.bytes], wanted);
    if (wanted.length === 0) assert.equal(content.stream, null);
    else assert.deepEqual(await all(content.stream), wanted);
    assert.deepEqual(heard, []);
  });
}

const streamOf = (...pieces: readonly unknown[]) =>
  ReadableStream.from(pieces) as ReadableStream<Uint8Array<ArrayBuffer>>;

Deno.test("content is replaced by a stream of its own, or made from it", async () => {
  const own = setUp(1);
  const stream = streamOf(bytes(7), bytes(), bytes(8));
  own.content.replace(stream);
  assert.equal(own.content.stream, stream);
  await assert.rejects(own.content.read(), /as the stream "body" already/);
  const plan = own.content.plan();
  assert.ok(plan?.kind === "stream");
  assert.equal(plan.isDerived, false);
  assert.deepEqual([...await plan.source.pull() ?? []], [7]);
  assert.deepEqual([...await plan.source.pull() ?? []], [8]);
  assert.equal(await plan.source.pull(), undefined);

  const derived = setUp(1, 2);
  const from = derived.content.stream;
  assert.ok(from);
  derived.content.replace(from.pipeThrough(new TransformStream()));
  const made = derived.content.plan();
  assert.ok(made?.kind === "stream");
  assert.equal(made.isDerived, true);
  await made.source.cancel();
});

Deno.test("content that is assigned to itself is not replaced", () => {
  const { content } = setUp(1);
  const { stream } = content;
  assert.ok(stream);
  content.replace("other");
  content.replace(stream);
  assert.equal(content.isReplaced, false);
});

Deno.test("content is not replaced by something else, by too much, or too late", () => {
  const { content, scope } = setUp(1);
  const odd = (value: unknown) => value as NewBody;
  assert.throws(() => content.replace(odd(7)), /"body" is a number, use/);
  assert.throws(() => content.replace(odd(undefined)), /"body" is undefined/);
  const locked = streamOf(bytes(1));
  locked.getReader();
  assert.throws(() => content.replace(locked), /something else reads already/);
  assert.throws(
    () => content.replace(new Uint8Array(64 * 1024 * 1024 + 1)),
    /more than 67108864 bytes, assign a stream/,
  );
  scope.close("it is too late");
  assert.throws(() => content.replace("a"), /it is too late/);
  assert.equal(content.isReplaced, false);
});

Deno.test("content is not read too late", async () => {
  const { content, scope, heard } = setUp(1);
  scope.close("it is too late");
  await assert.rejects(content.read(), /it is too late/);
  assert.deepEqual(heard, []);
});

Deno.test("a stream of something else than bytes is refused, a failed one can be cancelled", async () => {
  const source = sourceOf(streamOf("text"));
  await assert.rejects(
    async () => await source.pull(),
    /the stream "body" has a string, pipe text through a TextEncoderStream/,
  );
  const failed = sourceOf(
    new ReadableStream({ start: (controller) => controller.error("no") }),
  );
  await failed.cancel();
});

Deno.test("content that was sent says where to read it", async () => {
  const sent = /has been sent, read it in the hook "request"/;
  await assert.rejects(SENT_CONTENT.read(1), sent);
  const opened = SENT_CONTENT.open();
  await assert.rejects(async () => await opened.pull(), sent);
  assert.equal(opened.isStarving, false);
});
