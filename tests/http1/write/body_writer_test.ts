/** Content as each framing sends it, and what a body that is wrong leaves. */
import assert from "node:assert/strict";
import type { Body } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { writeBody } from "../../../src/http1/write/body_writer.ts";
import {
  OutputBuffer,
  WriteError,
} from "../../../src/http1/write/output_buffer.ts";
import { bytesOf, textOf } from "../../testing/byte_scanner.ts";

interface TestBody extends Body {
  /** Reads that were answered with `null`. */
  ends: number;
}

/** A body that gives its pieces one by one; an error is thrown in its place. */
function bodyOf(
  pieces: readonly (string | Error)[],
  trailers?: Fields,
): TestBody {
  const left = [...pieces];
  return {
    length: undefined,
    trailers,
    ends: 0,
    cancel: () => assert.fail("nothing cancels it"),
    read(into) {
      const next = left.shift();
      if (next instanceof Error) return Promise.reject(next);
      if (next === undefined) {
        this.ends++;
        return Promise.resolve(null);
      }
      const bytes = bytesOf(next);
      const taken = bytes.subarray(0, into.length);
      into.set(taken);
      if (taken.length < bytes.length) left.unshift(next.slice(taken.length));
      return Promise.resolve(taken.length);
    },
  };
}

function setUp() {
  const written: string[] = [];
  const sink = {
    failure: undefined as Error | undefined,
    write(bytes: Uint8Array) {
      if (sink.failure !== undefined) return Promise.reject(sink.failure);
      written.push(textOf(bytes));
      return Promise.resolve(bytes.length);
    },
  };
  return { out: new OutputBuffer(sink), sink, written };
}

Deno.test("content of a known length goes behind the header in one write", async () => {
  const { out, written } = setUp();
  out.literal("head ");
  const body = bodyOf(["ab", "cde"]);
  await writeBody(out, body, { kind: "length", length: 5 });
  assert.deepEqual(written, ["head abcde"]);
  // Whatever the body came from is free again only when its end was read.
  assert.equal(body.ends, 1);
});

Deno.test("content of length 0 is only looked at for its end", async () => {
  const { out, written } = setUp();
  out.literal("head");
  const body = bodyOf([]);
  await writeBody(out, body, { kind: "length", length: 0 });
  assert.deepEqual(written, ["head"]);
  assert.equal(body.ends, 1);
});

Deno.test("each piece is a chunk, and the trailers are the end", async () => {
  const { out, written } = setUp();
  out.literal("head ");
  const trailers = new Fields(["X-Sum", "9"]);
  await writeBody(out, bodyOf(["ab", "c".repeat(17)], trailers), {
    kind: "chunked",
  });
  assert.equal(
    written.join(""),
    `head 2\r\nab\r\n11\r\n${"c".repeat(17)}\r\n0\r\nX-Sum: 9\r\n\r\n`,
  );
});

Deno.test("a chunked body without content is the last chunk alone", async () => {
  const { out, written } = setUp();
  await writeBody(out, bodyOf([]), { kind: "chunked" });
  assert.deepEqual(written, ["0\r\n\r\n"]);
});

Deno.test("until the close, content goes as it is", async () => {
  const { out, written } = setUp();
  out.literal("head ");
  await writeBody(out, bodyOf(["ab", "c"]), { kind: "close" });
  assert.equal(written.join(""), "head abc");
});

for (const kind of ["chunked", "close", "length"] as const) {
  Deno.test(`large content arrives whole (${kind})`, async () => {
    const { out, written } = setUp();
    const text = Array.from({ length: 40_000 }, (_, at) => `${at} `).join("");
    const framing = kind === "length"
      ? { kind, length: text.length }
      : { kind };
    await writeBody(out, bodyOf([text]), framing);
    const all = written.join("");
    assert.equal(kind === "chunked" ? unchunked(all) : all, text);
    assert.ok(written.length > 1, "it is not held in memory as a whole");
  });
}

function unchunked(text: string): string {
  let content = "";
  for (let rest = text;;) {
    const line = rest.indexOf("\r\n");
    const size = parseInt(rest.slice(0, line), 16);
    if (size === 0) {
      assert.equal(rest.slice(line), "\r\n\r\n");
      return content;
    }
    content += rest.slice(line + 2, line + 2 + size);
    assert.equal(rest.slice(line + 2 + size, line + 4 + size), "\r\n");
    rest = rest.slice(line + 4 + size);
  }
}

Deno.test("a body that ends early says how much it had, and what it had is sent", async () => {
  const { out, written } = setUp();
  out.literal("head ");
  await assert.rejects(
    writeBody(out, bodyOf(["abc"]), { kind: "length", length: 4 }),
    {
      name: "TypeError",
      message: "Cannot write a body of 4 bytes: it has 3",
    },
  );
  assert.deepEqual(written, ["head abc"]);
});

Deno.test("a body that goes on is refused, and no byte more is sent", async () => {
  const { out, written } = setUp();
  await assert.rejects(
    writeBody(out, bodyOf(["abcd"]), { kind: "length", length: 3 }),
    {
      name: "TypeError",
      message: "Cannot write a body of 3 bytes: it has more",
    },
  );
  assert.deepEqual(written, ["abc"]);
});

Deno.test("what came before a failure is sent, and the failure is thrown", async () => {
  const { out, written } = setUp();
  const failure = new Error("the origin is gone");
  out.literal("head ");
  await assert.rejects(
    writeBody(out, bodyOf(["ab", failure]), { kind: "chunked" }),
    failure,
  );
  assert.deepEqual(written, ["head 2\r\nab\r\n"]);
});

Deno.test("a sink that fails ends it, also while a piece is awaited", async () => {
  const { out, sink } = setUp();
  sink.failure = new Error("reset");
  out.literal("head ");
  const late = Promise.withResolvers<number | null>();
  const body = { ...bodyOf([]), read: () => late.promise };
  await assert.rejects(
    writeBody(out, body, { kind: "close" }),
    (error) => error instanceof WriteError && error.cause === sink.failure,
  );
  // Nobody waits for it any more: it must not be an unhandled rejection.
  late.reject(new Error("too late"));
});

Deno.test("what waits is sent while the next piece takes long", async () => {
  const { out, written } = setUp();
  out.literal("head ");
  const late = Promise.withResolvers<number | null>();
  let reads = 0;
  const body = {
    ...bodyOf([]),
    read: () => ++reads === 1 ? late.promise : Promise.resolve(null),
  };
  const write = writeBody(out, body, { kind: "close" });
  for (let turn = 0; turn < 50 && written.length === 0; turn++) await null;
  assert.deepEqual(written, ["head "]);
  late.resolve(null);
  await write;
});

for (const kind of ["none", "lengthOnly"] as const) {
  Deno.test(`a message with framing "${kind}" has no content to write`, async () => {
    const { out } = setUp();
    const framing = kind === "none" ? { kind } : { kind, length: 3 };
    await assert.rejects(writeBody(out, bodyOf(["abc"]), framing), {
      name: "TypeError",
      message: "Cannot write a body: the message has no content",
    });
  });
}
