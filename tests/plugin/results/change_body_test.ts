import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import type {
  Body,
  Handler,
  PlainResponse,
  ProxyResponse,
} from "../../../src/http/exchange.ts";
import {
  answerText,
  bytesOf,
  contextOf,
  echo,
  requestOf,
  responseOf,
} from "../exchanges.ts";
import type { LogEvent } from "../../testing/event_log.ts";
import { type Started, started } from "../started.ts";

/** Passes a response through a plugin whose `response` hook returns `edit`. */
async function changed(
  edit: string,
  response: PlainResponse,
  { method = "GET", look }: {
    readonly method?: string;
    readonly look?: (world: Started) => void;
  } = {},
): Promise<{ response: ProxyResponse; text: string }> {
  await using world = await started({
    "p.js": `export default { response: () => (${edit}) };`,
  });
  const site: Handler = () => Promise.resolve(response);
  const passed = await world.plugins.intercept(site)(
    requestOf("http://a.test/", { method }),
    contextOf(),
  );
  const text = await answerText(passed);
  look?.(world);
  return { response: passed, text };
}

const UPPER = "{ body: { text: (text) => text.toUpperCase() } }";

Deno.test("text: is changed, and its length with it", async () => {
  const { response, text } = await changed(
    "{ body: { text: (text) => text + '!' } }",
    responseOf("<h1>Grüezi</h1>", {
      fields: ["Content-Length", "16", "ETag", '"1"'],
    }),
  );

  assert.equal(text, "<h1>Grüezi</h1>!");
  assert.deepEqual([...response.fields], [["Content-Length", "17"], [
    "ETag",
    '"1"',
  ]]);
});

Deno.test.each([
  ["gzip", gzipSync("hello")],
  ["GZIP, br", brotliCompressSync(gzipSync("hello"))],
  ["zstd", zstdCompressSync("hello")],
  ["identity", Buffer.from("hello")],
])("text: %s is decompressed and sent plain", async (coding, bytes) => {
  const { response, text } = await changed(
    UPPER,
    responseOf(new Uint8Array(bytes), { fields: ["Content-Encoding", coding] }),
  );

  assert.equal(text, "HELLO");
  assert.deepEqual([...response.fields], [["Content-Length", "5"]]);
});

Deno.test("text: the charset is read from Content-Type and becomes UTF-8", async () => {
  const { response, text } = await changed(
    UPPER,
    responseOf(Uint8Array.of(0xe9), {
      fields: ["Content-Type", 'text/html; charset="ISO-8859-1"; x=y'],
    }),
  );

  assert.equal(text, "É");
  assert.equal(
    response.fields.get("content-type"),
    "text/html; charset=utf-8; x=y",
  );
});

Deno.test.each<[string, PlainResponse, RegExp]>([
  [
    "{ body: { limit: 3, text: () => 'no' } }",
    responseOf("abcd"),
    /longer than 3 bytes/,
  ],
  [
    "{ body: { limit: 3, text: () => 'no' } }",
    responseOf(lengthless("abcdefghijk")),
    /longer than 3 bytes/,
  ],
  [
    UPPER,
    responseOf("abc", { fields: ["Content-Encoding", "rot13"] }),
    /coding "rot13" is unknown/,
  ],
  [
    UPPER,
    responseOf("abc", { fields: ["Content-Encoding", "gzip"] }),
    /not valid gzip/,
  ],
  [
    "{ body: { limit: 500, text: () => 'no' } }",
    responseOf(new Uint8Array(gzipSync("a".repeat(501))), {
      fields: ["Content-Encoding", "gzip"],
    }),
    /longer than 500 bytes/,
  ],
  [UPPER, responseOf(Uint8Array.of(0x61, 0xff)), /not text in utf-8/],
])(
  "text: what cannot be changed passes as it was: %#",
  async (edit, response, warning) => {
    const original = await bytesOf(response.body);
    const again = { ...response, body: responseOf(original).body };
    let warnings: readonly LogEvent[] = [];
    const fields = [...response.fields];

    const { response: passed, text } = await changed(edit, again, {
      look: ({ log }) => warnings = log.matching("text passes unchanged"),
    });

    assert.equal(text, new TextDecoder().decode(original));
    assert.deepEqual([...passed.fields], fields);
    assert.equal(warnings.length, 1);
    assert.match(String(warnings[0]?.fields["reason"]), warning);
  },
);

Deno.test("text: content without a length is changed up to the limit", async () => {
  const long = "x".repeat(100_000);

  const { text } = await changed(UPPER, responseOf(lengthless(long)));

  assert.equal(text, long.toUpperCase());
});

Deno.test("transform: sees every chunk, may drop some, and has the last word", async () => {
  const { response, text } = await changed(
    `{ body: {
      transform(chunk) {
        const text = new TextDecoder().decode(chunk);
        if (text !== "two") return new TextEncoder().encode("<" + text + ">");
      },
      async flush() { return new TextEncoder().encode("end"); },
    } }`,
    responseOf(lengthless("one", "two", "three"), {
      fields: ["Content-Length", "11", "X", "1"],
    }),
  );

  assert.equal(text, "<one><three>end");
  assert.deepEqual([...response.fields], [["X", "1"]]);
});

Deno.test("transform: reads nothing before somebody wants it, and no more than that", async () => {
  const chunks = lengthless("one", "two", "three");
  await using world = await started({
    "p.js":
      "export default { response: () => ({ body: { transform: (c) => c } }) };",
  });
  const site: Handler = () => Promise.resolve(responseOf(chunks));

  const response = await world.plugins.intercept(site)(
    requestOf("http://a.test/"),
    contextOf(),
  );
  assert.equal(chunks.reads, 0);
  assert.ok(response.kind === "response");
  await response.body?.read(new Uint8Array(100));
  assert.equal(chunks.reads, 1);
  response.body?.cancel();

  assert.ok(chunks.isCancelled);
});

Deno.test("transform: an error cuts the message short, and cancels the content of the site", async () => {
  const chunks = lengthless("one", "two");
  await using world = await started({
    "p.js": `export default { response: () => ({ body: { transform() {
      throw new Error("boom"); } } }) };`,
  });
  const site: Handler = () => Promise.resolve(responseOf(chunks));

  const response = await world.plugins.intercept(site)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  await assert.rejects(answerText(response), {
    code: "threw",
    message: 'Cannot run hook "response" of plugin "p": boom (p.js:2:13)',
  });
  assert.ok(chunks.isCancelled);
});

Deno.test("a response hook that fails gives the site's content back", async () => {
  const chunks = lengthless("one");
  await using world = await started({
    "a.js":
      "export default { response: () => ({ body: { transform: (c) => c } }) };",
    "b.js": "export default { response() { throw new Error('boom'); } };",
  });
  const site: Handler = () => Promise.resolve(responseOf(chunks));

  await assert.rejects(async () =>
    await world.plugins.intercept(site)(
      requestOf("http://a.test/"),
      contextOf(),
    )
  );

  assert.ok(chunks.isCancelled);
});

Deno.test("other content replaces what was there, whatever its coding", async () => {
  const chunks = lengthless("one");

  const { response, text } = await changed(
    "{ body: 'Grüezi', headers: { 'Content-Type': 'text/plain' } }",
    responseOf(chunks, { fields: ["Content-Encoding", "gzip"] }),
  );

  assert.equal(text, "Grüezi");
  assert.ok(chunks.isCancelled);
  assert.deepEqual([...response.fields], [
    ["Content-Type", "text/plain"],
    ["Content-Length", "7"],
  ]);
});

Deno.test("a response to HEAD keeps its length and gets no content", async () => {
  const { response, text } = await changed(
    "{ body: 'other' }",
    responseOf(undefined, { fields: ["Content-Length", "99"] }),
    { method: "HEAD" },
  );

  assert.equal(text, "");
  assert.equal(response.fields.get("content-length"), "99");
});

Deno.test("a status without content cancels the old content", async () => {
  const chunks = lengthless("one");

  const { response, text } = await changed(
    "{ status: 204 }",
    responseOf(chunks),
  );

  assert.equal(response.status, 204);
  assert.equal(text, "");
  assert.ok(chunks.isCancelled);
});

Deno.test("the content of a request can be changed as well", async () => {
  await using world = await started({
    "p.js": "export default { request: () => (" + UPPER + ") };",
  });

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/", {
      method: "POST",
      fields: ["Content-Length", "5"],
      body: responseOf("hello").body,
    }),
    contextOf(),
  );

  assert.equal(
    await answerText(response),
    "POST http://a.test/\nContent-Length: 5\n\nHELLO",
  );
});

Deno.test("a plugin's own response may be a stream, which is cancelled when nobody wants it", async () => {
  await using world = await started({
    "p.js": `export default { request: (_, { log }) => new Response(
      new ReadableStream({
        pull(controller) { controller.enqueue(new TextEncoder().encode("x")); },
        cancel() { log.info("cancelled"); },
      }, { highWaterMark: 0 })) };`,
  });

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );
  assert.ok(response.kind === "response");
  const into = new Uint8Array(10);
  assert.equal(await response.body?.read(into), 1);
  response.body?.cancel();

  await world.log.seen("cancelled");
});

Deno.test("a plugin's own response may take longer than a hook", async () => {
  await using world = await started({
    "p.js": `export default { request: () => new Response(
      new ReadableStream({ async start(controller) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        controller.enqueue(new TextEncoder().encode("late"));
        controller.close();
      } })) };`,
  }, { timeBudget: 50 });

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  assert.equal(await answerText(response), "late");
});

/** Content that comes in these chunks and does not say how long it is. */
function lengthless(...chunks: string[]): Body & {
  readonly reads: number;
  readonly isCancelled: boolean;
} {
  const state = { reads: 0, isCancelled: false };
  const rest = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return {
    length: undefined,
    trailers: undefined,
    get reads() {
      return state.reads;
    },
    get isCancelled() {
      return state.isCancelled;
    },
    read(into) {
      state.reads += 1;
      const [chunk] = rest;
      if (chunk === undefined) return Promise.resolve(null);
      const piece = chunk.subarray(0, into.length);
      into.set(piece);
      if (piece.length === chunk.length) rest.shift();
      else rest[0] = chunk.subarray(piece.length);
      return Promise.resolve(piece.length);
    },
    cancel() {
      state.isCancelled = true;
    },
  };
}
