import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import type {
  Body,
  Handler,
  PlainResponse,
  ProxyResponse,
} from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { ReadBudget } from "../../../src/plugin/results/read_budget.ts";
import {
  answerText,
  bytesOf,
  contextOf,
  echo,
  requestOf,
  responseOf,
} from "../exchanges.ts";
import { within } from "../../testing/deadline.ts";
import { type Started, started, TRUSTED } from "../started.ts";

/** More than a worker is sent ahead. */
const LONG: readonly string[] = ["one", ...Array(64).fill("x".repeat(65_536))];

/** What a test of a `response` hook may look at. */
interface Changed {
  readonly response: ProxyResponse;
  readonly text: string;
}

/** Passes a response through a plugin with this `response` hook. */
async function changed(
  hook: string,
  response: PlainResponse,
  { method = "GET", look }: {
    readonly method?: string;
    readonly look?: (world: Started) => void;
  } = {},
): Promise<Changed> {
  await using world = await started({
    "p.js": `export default { async response(r, c) { ${hook} } };`,
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

const UPPER = "r.body = (await r.text()).toUpperCase();";

Deno.test("text: is changed, and its length with it", async () => {
  const { response, text } = await changed(
    "r.body = await r.text() + '!';",
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
])(
  "%s is decompressed, as a whole and as a stream, and sent plain",
  async (coding, bytes) => {
    const given = (): PlainResponse =>
      responseOf(new Uint8Array(bytes), {
        fields: ["Content-Encoding", coding],
      });

    const whole = await changed(UPPER, given());
    const stream = await changed(STREAM_UPPER, given());
    const only = await changed("c.log.info(await r.text());", given());

    assert.equal(whole.text, "HELLO");
    assert.deepEqual([...whole.response.fields], [["Content-Length", "5"]]);
    assert.equal(stream.text, "HELLO");
    assert.deepEqual([...stream.response.fields], []);
    // What a hook has only read passes as it was sent.
    assert.deepEqual([...only.response.fields], [["Content-Encoding", coding]]);
  },
);

const STREAM_UPPER = `r.body = r.body.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TransformStream({ transform: (text, out) =>
    out.enqueue(text.toUpperCase()) }))
  .pipeThrough(new TextEncoderStream());`;

Deno.test("content that was only read passes to the byte, compressed as it was", async () => {
  const bytes = new Uint8Array(gzipSync("hello"));
  const seen: string[] = [];
  await using world = await started({
    "p.js": `export default { async response(r, { log }) {
      log.info("read", { text: await r.text(), again: await r.text(), json: r.body !== null }); } };`,
  });
  const site: Handler = () =>
    Promise.resolve(
      responseOf(bytes, { fields: ["Content-Encoding", "gzip"] }),
    );

  const response = await world.plugins.intercept(site)(
    requestOf("http://a.test/"),
    contextOf(),
  );
  assert.ok(response.kind === "response");

  assert.deepEqual(await bytesOf(response.body), bytes);
  const { fields } = await world.log.seen("read");
  seen.push(String(fields["text"]), String(fields["again"]));
  assert.deepEqual(seen, ["hello", "hello"]);
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

Deno.test.each<[string, () => PlainResponse, RegExp]>([
  [
    "await r.text({ limit: 3 })",
    () => responseOf("abcd"),
    /longer than 3 bytes/,
  ],
  [
    "await r.text({ limit: 3 })",
    () => responseOf(lengthless("abcdefghijk")),
    /longer than 3 bytes/,
  ],
  [
    "await r.text()",
    () => responseOf("abc", { fields: ["Content-Encoding", "rot13"] }),
    /coding "rot13" is unknown/,
  ],
  [
    "r.body",
    () => responseOf("abc", { fields: ["Content-Encoding", "rot13"] }),
    /coding "rot13" is unknown/,
  ],
  [
    "await r.text()",
    () => responseOf("abc", { fields: ["Content-Encoding", "gzip"] }),
    /not valid gzip/,
  ],
  [
    "await r.text({ limit: 500 })",
    () =>
      responseOf(new Uint8Array(gzipSync("a".repeat(501))), {
        fields: ["Content-Encoding", "gzip"],
      }),
    /longer than 500 bytes/,
  ],
  [
    "await r.text()",
    () => responseOf(Uint8Array.of(0x61, 0xff)),
    /not text in utf-8/,
  ],
])(
  "content that cannot be read is an error, and passes as it was when the hook catches it: %#",
  async (read, given, reason) => {
    const original = await bytesOf(given().body);
    const fields = [...given().fields];

    await assert.rejects(changed(`${read};`, given()), {
      code: "threw",
      message: reason,
    });
    const { response, text } = await changed(
      `try { ${read}; } catch { r.headers.set("X", "caught"); }`,
      given(),
    );

    assert.equal(text, new TextDecoder().decode(original));
    assert.deepEqual([...response.fields], [...fields, ["X", "caught"]]);
  },
);

Deno.test("a higher limit reads what a lower one did not", async () => {
  const { text } = await changed(
    `await r.text({ limit: 3 }).catch(() => {});
     r.body = (await r.text({ limit: 11 })).slice(1);`,
    responseOf(lengthless("abcd", "efgh", "ijk")),
  );

  assert.equal(text, "bcdefghijk");
});

Deno.test("text: content without a length is changed up to the limit", async () => {
  const long = "x".repeat(100_000);

  const { text } = await changed(UPPER, responseOf(lengthless(long)));

  assert.equal(text, long.toUpperCase());
});

Deno.test("json() and bytes() read what text() reads", async () => {
  const { text } = await changed(
    `const { a } = await r.json();
     const bytes = await r.bytes();
     bytes.fill(0);
     r.body = [a, bytes.length, await r.text()].join();`,
    responseOf('\uFEFF{"a":1}'),
  );

  assert.equal(text, '1,10,\uFEFF{"a":1}');
});

Deno.test("what a hook has assigned is what it reads afterwards, and so does the next plugin", async () => {
  await using world = await started({
    "a.js": `export default { async response(r) {
      r.body = "one"; r.body = await r.text() + "two"; } };`,
    "b.js": `export default { async response(r) {
      r.body = await r.text() + "three"; } };`,
  });

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  assert.equal(await answerText(response), "onetwothree");
});

Deno.test("stream: sees every chunk, may drop some, and has the last word", async () => {
  const { response, text } = await changed(
    `r.body = r.body.pipeThrough(new TransformStream({
      transform(chunk, out) {
        const text = new TextDecoder().decode(chunk);
        if (text !== "two") out.enqueue(new TextEncoder().encode("<" + text + ">"));
      },
      async flush(out) { out.enqueue(new TextEncoder().encode("end")); },
    }))`,
    responseOf(lengthless("one", "two", "three"), {
      fields: ["Content-Length", "11", "X", "1"],
    }),
  );

  assert.equal(text, "<one><three>end");
  assert.deepEqual([...response.fields], [["X", "1"]]);
});

for (const permissions of [TRUSTED, []]) {
  const place = permissions === TRUSTED ? "trusted" : "sandboxed";

  Deno.test(`stream: nothing is read before somebody wants it (${place})`, async () => {
    const chunks = lengthless(...LONG);
    await using world = await started({
      "p.js": `export default { response(r) {
        r.body = r.body.pipeThrough(new TransformStream()); } };`,
    }, { permissions });
    const site: Handler = () => Promise.resolve(responseOf(chunks));

    const response = await world.plugins.intercept(site)(
      requestOf("http://a.test/"),
      contextOf(),
    );
    assert.equal(chunks.reads, 0);
    assert.ok(response.kind === "response");
    assert.equal(await response.body?.read(new Uint8Array(100)), 3);
    response.body?.cancel();

    await within(chunks.cancelled, "the content is cancelled");
  });

  Deno.test(`stream: an error cuts the message short, and cancels the content of the site (${place})`, async () => {
    const chunks = lengthless(...LONG);
    await using world = await started({
      "p.js": `export default { response(r) {
        r.body = r.body.pipeThrough(new TransformStream({ transform() {
          throw new Error("boom"); } })); } };`,
    }, { permissions });
    const site: Handler = () => Promise.resolve(responseOf(chunks));

    const response = await world.plugins.intercept(site)(
      requestOf("http://a.test/"),
      contextOf(),
    );

    await assert.rejects(answerText(response), {
      code: "threw",
      message: 'Cannot run hook "response" of plugin "p": boom (p.js:3:17)',
    });
    await within(chunks.cancelled, "the content is cancelled");
    const [line, ...more] = world.log.matching("hook failed", { id: "1" });
    assert.equal(line?.fields["location"], "p.js:3:17");
    assert.deepEqual(more, []);
    const failed = world.calls.filter((call) => call.failed);
    assert.deepEqual(failed.map(({ hook }) => hook), ["response"]);
  });

  Deno.test(`stream: when the site breaks, the plugin is not to blame (${place})`, async () => {
    await using world = await started({
      "p.js": `export default { async response(r, { request: { url } }) {
        if (url.search) await r.text();
        r.body = r.body.pipeThrough(new TransformStream()); } };`,
    }, { permissions });
    const site: Handler = () =>
      Promise.resolve(responseOf({
        ...lengthless(),
        read: () => Promise.reject(new RangeError("the site is gone")),
      }));
    const ask = async (url: string): Promise<string> =>
      await answerText(
        await world.plugins.intercept(site)(requestOf(url), contextOf()),
      );

    await assert.rejects(
      ask("http://a.test/"),
      /^RangeError: the site is gone/,
    );
    await assert.rejects(
      ask("http://a.test/?"),
      /^RangeError: the site is gone/,
    );
    await assert.rejects(
      ask("http://a.test/?a"),
      /^RangeError: the site is gone/,
    );
    assert.deepEqual(
      world.log.all.filter(({ level }) => level === "error"),
      [],
    );
  });

  Deno.test(`stream: content that stands still is ended, content that the site is slow with is not (${place})`, async () => {
    const late = Promise.withResolvers<number | null>();
    const asked = Promise.withResolvers<void>();
    await using world = await started({
      "p.js": `export default { response(r, { request: { url } }) {
        r.body = r.body.pipeThrough(new TransformStream({ transform(chunk, out) {
          if (url.search) return new Promise(() => {});
          out.enqueue(chunk);
        } })); } };`,
    }, { permissions, progressBudget: 100 });
    const slow: Body = {
      ...lengthless(),
      read() {
        asked.resolve();
        return late.promise;
      },
    };
    const ask = async (url: string, body: Body): Promise<string> =>
      await answerText(
        await world.plugins.intercept(() => Promise.resolve(responseOf(body)))(
          requestOf(url),
          contextOf(),
        ),
      );

    const patient = ask("http://a.test/", slow);
    await asked.promise;
    assert.equal(await ask("http://a.test/", lengthless("x")), "x");
    await assert.rejects(ask("http://a.test/?hang", lengthless("one")), {
      code: "timedOut",
      message:
        'Cannot run hook "response" of plugin "p": its content stands still for 100 ms',
    });
    late.resolve(null);

    assert.equal(await patient, "");
  });

  Deno.test(`trailers are there once the content has been read (${place})`, async () => {
    const fields = new Fields(["grpc-status", "5", "A", "1", "a", "2"]);
    await using world = await started({
      "p.js": `export default { async response(r, { request: { url }, log }) {
        if (url.search) {
          r.body = r.body.pipeThrough(new TransformStream({ flush: () =>
            log.info("trailers", { status: r.trailers?.get("grpc-status") }) }));
          return;
        }
        const before = r.trailers;
        await r.bytes();
        log.info("trailers", { before: String(before), status: r.trailers.get("grpc-status"), a: r.trailers.get("a") });
        let error;
        try { r.trailers.set("a", "b"); } catch ({ message }) { error = message; }
        log.info("edited", { error });
      } };`,
    }, { permissions });
    const site: Handler = () =>
      Promise.resolve(responseOf(withTrailers(fields)));

    for (const url of ["http://a.test/", "http://a.test/?stream"]) {
      const response = await world.plugins.intercept(site)(
        requestOf(url),
        contextOf(),
      );
      assert.equal(await answerText(response), "one");
      assert.ok(response.kind === "response");
      assert.deepEqual([...response.body?.trailers ?? []], [...fields]);
    }

    const [whole, stream] = await seenTwice(world);
    assert.deepEqual(whole, { before: "undefined", status: "5", a: "1, 2" });
    assert.equal(stream?.["status"], "5");
    await world.log.seen("edited", { error: "trailers cannot be changed" });
  });
}

/** Content with trailers, which are known at its end. */
function withTrailers(trailers: Fields): Body {
  const body = lengthless("one");
  let isRead = false;
  return {
    ...body,
    async read(into) {
      const count = await body.read(into);
      isRead = count === null;
      return count;
    },
    get trailers() {
      return isRead ? trailers : undefined;
    },
  };
}

Deno.test("trailers stay with content that replaces what a hook has read; a response of its own has none", async () => {
  await using world = await started({
    "p.js": `const edits = {
      bytes: (r) => { r.body = "new"; },
      none: (r) => { r.body = null; },
      stream: (r) => { r.body = new Blob(["new"]).stream(); },
      own: () => new Response("new"),
      ownStream: () => new Response(new Blob(["new"]).stream()),
      noContent: (r) => { r.status = 204; },
    };
    export default {
      async request(r) {
        await r.bytes();
        if (r.url.pathname === "/answered") return new Response("new");
      },
      async response(r, { request }) {
        const [, edit, isUnread] = request.url.pathname.split("/");
        if (edit === "made") {
          return new Response(r.body.pipeThrough(new TransformStream()));
        }
        if (!isUnread) await r.bytes();
        return edits[edit]?.(r);
      },
    };`,
  });
  const fields = new Fields(["grpc-status", "5"]);
  const after = async (path: string) => {
    const response = await world.plugins.intercept(() =>
      Promise.resolve(responseOf(withTrailers(fields)))
    )(
      requestOf(`http://a.test/${path}`, {
        method: "POST",
        body: withTrailers(new Fields(["Checksum", "1"])),
      }),
      contextOf(),
    );
    assert.ok(response.kind === "response");
    const length = response.fields.get("content-length");
    const text = await answerText(response);
    return [text, length, response.body?.trailers?.flat];
  };

  assert.deepEqual(await after("bytes"), ["new", undefined, fields.flat]);
  assert.deepEqual(await after("none"), ["", undefined, fields.flat]);
  assert.deepEqual(await after("stream"), ["new", undefined, fields.flat]);
  assert.deepEqual(await after("bytes/unread"), ["new", "3", undefined]);
  assert.deepEqual(await after("own"), ["new", undefined, undefined]);
  assert.deepEqual(await after("ownStream"), ["new", undefined, undefined]);
  assert.deepEqual(await after("made"), ["one", undefined, undefined]);
  assert.deepEqual(await after("noContent"), ["", "0", undefined]);
  assert.deepEqual(await after("answered"), ["new", undefined, undefined]);
});

async function seenTwice(
  { log }: Started,
): Promise<readonly Record<string, unknown>[]> {
  await log.seen("trailers", {}, { count: 2 });
  return log.matching("trailers").map((
    { fields: { plugin: _, id: __, ...rest } },
  ) => rest);
}

Deno.test("a response hook that fails gives the site's content back", async () => {
  const chunks = lengthless("one");
  await using world = await started({
    "a.js": `export default { response(r) {
      r.body = r.body.pipeThrough(new TransformStream()); } };`,
    "b.js": "export default { response() { throw new Error('boom'); } };",
  });
  const site: Handler = () => Promise.resolve(responseOf(chunks));

  await assert.rejects(async () =>
    await world.plugins.intercept(site)(
      requestOf("http://a.test/"),
      contextOf(),
    )
  );

  await within(chunks.cancelled, "the content is cancelled");
});

Deno.test("other content replaces what was there, whatever its coding", async () => {
  const chunks = lengthless("one");

  const { response, text } = await changed(
    "r.body = 'Grüezi'; r.headers.set('Content-Type', 'text/plain');",
    responseOf(chunks, { fields: ["Content-Encoding", "gzip"] }),
  );

  assert.equal(text, "Grüezi");
  await within(chunks.cancelled, "the content is cancelled");
  assert.deepEqual([...response.fields], [
    ["Content-Type", "text/plain"],
    ["Content-Length", "7"],
  ]);
});

Deno.test("a hook may compress by itself", async () => {
  const { response } = await changed(
    `r.body = r.body.pipeThrough(new CompressionStream("gzip"));
     r.headers.set("Content-Encoding", "gzip");`,
    responseOf("hello", { fields: ["Content-Encoding", "identity"] }),
  );

  assert.equal(response.fields.get("content-encoding"), "gzip");
});

Deno.test("a response hook may respond by itself, also with the content of the response", async () => {
  const chunks = lengthless("one");
  const other = await changed(
    "return Response.json({ ok: true }, { status: 203 });",
    responseOf(chunks, { status: 500, fields: ["X", "1"] }),
  );
  const same = await changed(
    "return new Response(r.body.pipeThrough(new TransformStream()), { status: 201 });",
    responseOf("same", { fields: ["X", "1"] }),
  );

  assert.deepEqual([other.response.status, other.text], [203, '{"ok":true}']);
  assert.equal(other.response.fields.get("x"), undefined);
  await within(chunks.cancelled, "the content is cancelled");
  assert.deepEqual([same.response.status, same.text], [201, "same"]);
});

Deno.test("a response to HEAD keeps its length and gets no content", async () => {
  const { response, text } = await changed(
    "r.body = 'other';",
    responseOf(undefined, { fields: ["Content-Length", "99"] }),
    { method: "HEAD" },
  );

  assert.equal(text, "");
  assert.equal(response.fields.get("content-length"), "99");
});

Deno.test("a status without content cancels the old content", async () => {
  const chunks = lengthless("one");

  const { response, text } = await changed(
    "r.status = 204;",
    responseOf(chunks),
  );

  assert.equal(response.status, 204);
  assert.equal(text, "");
  await within(chunks.cancelled, "the content is cancelled");
});

Deno.test("the content of a request can be changed as well, and decided on", async () => {
  await using world = await started({
    "p.js": `export default { async request(r) {
      const text = await r.text();
      if (text === "mock") return new Response("mocked");
      r.body = text.toUpperCase();
    } };`,
  });
  const ask = async (text: string): Promise<string> =>
    await answerText(
      await world.plugins.intercept(echo)(
        requestOf("http://a.test/", {
          method: "POST",
          fields: ["Content-Length", String(text.length)],
          body: responseOf(text).body,
        }),
        contextOf(),
      ),
    );

  assert.equal(
    await ask("hello"),
    "POST http://a.test/\nContent-Length: 5\n\nHELLO",
  );
  assert.equal(await ask("mock"), "mocked");
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
  }, { timeBudget: 50, progressBudget: 50 });

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  assert.equal(await answerText(response), "late");
});

Deno.test("waiting for content does not count as the time of a hook", async () => {
  const late = Promise.withResolvers<void>();
  const body = lengthless("one");
  await using world = await started({
    "p.js": `export default { async response(r, { log }) {
      r.body = await r.text() + "!"; } };`,
  }, { timeBudget: 50 });
  const site: Handler = () =>
    Promise.resolve(responseOf({
      ...body,
      async read(into) {
        await late.promise;
        return await body.read(into);
      },
    }));

  const response = world.plugins.intercept(site)(
    requestOf("http://a.test/"),
    contextOf(),
  );
  setTimeout(late.resolve, 200);

  assert.equal(await answerText(await response), "one!");
});

Deno.test("content that hooks read is bounded in all: the next reader waits, and then gives up", async () => {
  const readBudget = new ReadBudget({ total: 10, wait: 100 });
  await using world = await started({
    "p.js": `export default { async response(r) {
      await r.text({ limit: 9 }); } };`,
  }, { readBudget });
  const ask = (): Promise<ProxyResponse> =>
    world.plugins.intercept(() => Promise.resolve(responseOf("12345678")))(
      requestOf("http://a.test/"),
      contextOf(),
    );

  const first = await ask();
  await assert.rejects(ask(), {
    code: "noRoom",
    message:
      /^Cannot run hook "response" of plugin "p": other plugins and requests keep 8 bytes /,
  });
  const waiting = ask();
  assert.equal(await answerText(first), "12345678");
  const third = await waiting;
  assert.ok(third.kind === "response");
  third.body?.cancel();
  const fourth = await ask();

  assert.equal(await answerText(fourth), "12345678");
});

Deno.test("a hook that keeps content for ever gives its memory back when its time is up", async () => {
  const readBudget = new ReadBudget({ total: 10, wait: 10_000 });
  await using world = await started({
    "p.js": `export default { async response(r, { request: { url } }) {
      await r.text({ limit: 9 });
      if (url.search) await new Promise(() => {});
    } };`,
  }, { readBudget, uses: { "p.js": { timeout: 50 } } });
  const ask = async (url: string): Promise<string> =>
    await answerText(
      await world.plugins.intercept(() =>
        Promise.resolve(responseOf("12345678"))
      )(requestOf(url), contextOf()),
    );

  await assert.rejects(ask("http://a.test/?hang"), { code: "timedOut" });

  assert.equal(await within(ask("http://a.test/"), "room"), "12345678");
});

/** Content that comes in these chunks and does not say how long it is. */
function lengthless(...chunks: string[]): Body & {
  readonly reads: number;
  /** Resolves when nobody wants the rest. */
  readonly cancelled: Promise<void>;
} {
  const state = { reads: 0, cancelled: Promise.withResolvers<void>() };
  const rest = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return {
    length: undefined,
    trailers: undefined,
    get reads() {
      return state.reads;
    },
    cancelled: state.cancelled.promise,
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
      state.cancelled.resolve();
    },
  };
}
