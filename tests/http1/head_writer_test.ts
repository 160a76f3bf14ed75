import assert from "node:assert/strict";
import { Fields } from "../../src/http/fields.ts";
import {
  parseRequestHead,
  parseResponseHead,
} from "../../src/http1/head_parser.ts";
import {
  encodeRequestHead,
  encodeResponseHead,
} from "../../src/http1/head_writer.ts";
import { textOf } from "../testing/byte_scanner.ts";

Deno.test("encodeRequestHead() writes what parseRequestHead() reads, all fields included", () => {
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

  const bytes = encodeRequestHead({ method: "GET", target: "/a", fields });

  assert.equal(
    textOf(bytes),
    "GET /a HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: x\r\nA: \x80\r\n\r\n",
  );
  assert.deepEqual(parseRequestHead(bytes).fields.flat, fields.flat);
});

Deno.test("encodeResponseHead() writes what parseResponseHead() reads", () => {
  const fields = new Fields(["Connection", "Upgrade"]);

  const bytes = encodeResponseHead({ status: 101, fields });

  assert.equal(
    textOf(bytes),
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n",
  );
  assert.equal(parseResponseHead(bytes).status, 101);
  assert.match(
    textOf(encodeResponseHead({ status: 200, reason: "Fine", fields })),
    /^HTTP\/1\.1 200 Fine\r\n/,
  );
});

Deno.test("encodeRequestHead() writes a head that is larger than its buffer", () => {
  const fields = new Fields([
    "A",
    "b".repeat(100_000),
    "C",
    "d".repeat(100_000),
  ]);

  const bytes = encodeRequestHead({ method: "GET", target: "/", fields });

  assert.equal(
    textOf(bytes),
    `GET / HTTP/1.1\r\nA: ${"b".repeat(100_000)}\r\nC: ${
      "d".repeat(100_000)
    }\r\n\r\n`,
  );
});

Deno.test("encodeResponseHead() refuses what would end a line or the head", () => {
  for (const bad of ["a\r\nb", "a\nb", "a\rb", "a\0b", "\u010a"]) {
    assert.throws(
      () => encodeResponseHead({ status: 200, fields: new Fields(["A", bad]) }),
      TypeError,
    );
    assert.throws(
      () => encodeResponseHead({ status: 200, fields: new Fields([bad, "a"]) }),
      TypeError,
    );
    assert.throws(
      () =>
        encodeResponseHead({ status: 200, reason: bad, fields: new Fields() }),
      TypeError,
    );
    assert.throws(
      () =>
        encodeRequestHead({ method: "GET", target: bad, fields: new Fields() }),
      TypeError,
    );
    assert.throws(
      () =>
        encodeRequestHead({ method: bad, target: "/", fields: new Fields() }),
      TypeError,
    );
  }
  assert.throws(
    () => encodeResponseHead({ status: 1000, fields: new Fields() }),
    RangeError,
  );
});
