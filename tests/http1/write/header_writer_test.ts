import assert from "node:assert/strict";
import { Fields } from "../../../src/http/fields.ts";
import {
  parseRequest,
  parseResponse,
} from "../../../src/http1/parse/header_parser.ts";
import {
  putRequestLine,
  putStatusLine,
} from "../../../src/http1/write/header_writer.ts";
import { OutputBuffer } from "../../../src/http1/write/output_buffer.ts";
import { textOf } from "../../testing/byte_scanner.ts";

/** A header section: what `put` adds, and these fields. */
function head(put: (out: OutputBuffer) => void, fields: Fields): Uint8Array {
  const out = new OutputBuffer({
    write: (bytes) => Promise.resolve(bytes.length),
  });
  try {
    put(out);
    for (const [name, value] of fields) out.field(name, value);
    out.literal("\r\n");
    return out.bytes.slice();
  } finally {
    out.release();
  }
}

function requestHead(
  { method = "GET", target = "/", fields = new Fields() },
): Uint8Array {
  return head((out) => putRequestLine(out, { method, target }), fields);
}

function responseHead(
  { status = 200, fields = new Fields(), ...line }: {
    readonly status?: number;
    readonly reason?: string;
    readonly fields?: Fields;
  },
): Uint8Array {
  return head((out) => putStatusLine(out, status, line.reason), fields);
}

Deno.test("putRequestLine() writes what parseRequest() reads, all fields included", () => {
  const fields = new Fields([
    "Host",
    "a.test",
    "Connection",
    "Upgrade",
    "Upgrade",
    "x",
    "A",
    "\x80",
  ]);

  const bytes = requestHead({ target: "/a", fields });

  assert.equal(
    textOf(bytes),
    "GET /a HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: x\r\nA: \x80\r\n\r\n",
  );
  assert.deepEqual(parseRequest(bytes).fields.flat, fields.flat);
});

Deno.test("putStatusLine() writes what parseResponse() reads", () => {
  const fields = new Fields(["Connection", "Upgrade"]);

  const bytes = responseHead({ status: 101, fields });

  assert.equal(
    textOf(bytes),
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n",
  );
  assert.equal(parseResponse(bytes).status, 101);
  assert.match(
    textOf(responseHead({ status: 200, reason: "Fine", fields })),
    /^HTTP\/1\.1 200 Fine\r\n/,
  );
});

Deno.test("a header section may be larger than the buffer", () => {
  const fields = new Fields([
    "A",
    "b".repeat(100_000),
    "C",
    "d".repeat(100_000),
  ]);

  const bytes = requestHead({ fields });

  assert.equal(
    textOf(bytes),
    `GET / HTTP/1.1\r\nA: ${"b".repeat(100_000)}\r\nC: ${
      "d".repeat(100_000)
    }\r\n\r\n`,
  );
});

Deno.test("a header section refuses what would end a line or the section", () => {
  for (const bad of ["a\r\nb", "a\nb", "a\rb", "a\0b", "\u010a"]) {
    for (
      const write of [
        () => responseHead({ fields: new Fields(["A", bad]) }),
        () => responseHead({ fields: new Fields([bad, "a"]) }),
        () => responseHead({ reason: bad }),
        () => requestHead({ target: bad }),
        () => requestHead({ method: bad }),
      ]
    ) {
      assert.throws(write, TypeError);
    }
  }
  assert.throws(() => responseHead({ status: 1000 }), RangeError);
});
