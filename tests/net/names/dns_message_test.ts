/** @module */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeReply,
  type DnsQuery,
  encodeQuery,
  isDnsName,
} from "../../../src/net/names/dns_message.ts";

const QUERY: DnsQuery = { id: 0xabcd, name: "a.test", type: "A" };
const POINTER_TO_NAME = [0xc0, 12] as const;
const ADDRESS = [...[0, 1, 0, 1, 0, 0, 0, 60, 0, 4], ...[10, 0, 0, 1]] as const;

/** A reply to `QUERY` with the bytes of `answers` records. */
function replyOf(records: readonly number[], answers = 1): Uint8Array {
  const query = encodeQuery(QUERY);
  return Uint8Array.of(
    ...query.with(2, 0x81).with(3, 0x80).with(7, answers),
    ...records,
  );
}

Deno.test("encodeQuery() writes the question of RFC 1035 §4.1.2", () => {
  assert.deepEqual(
    [...encodeQuery(QUERY)],
    [
      ...[0xab, 0xcd, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0],
      ...[1, 0x61, 4, 0x74, 0x65, 0x73, 0x74, 0],
      ...[0, 1, 0, 1],
    ],
  );
});

Deno.test("isDnsName() takes names of up to 253 characters", () => {
  const long = `${"x".repeat(62)}.`.repeat(4);

  assert.equal(isDnsName(long + "y"), true);
  assert.equal(isDnsName(long + "yy"), false);
});

Deno.test("decodeReply() reads a name that is a pointer", () => {
  assert.deepEqual(
    decodeReply(replyOf([...POINTER_TO_NAME, ...ADDRESS]), QUERY),
    { kind: "addresses", addresses: ["10.0.0.1"] },
  );
});

Deno.test("decodeReply() takes a reply without recursion for a failure", () => {
  const referral = replyOf([], 0).with(3, 0);

  assert.deepEqual(decodeReply(referral, QUERY), {
    kind: "failed",
    reason: "it does not support recursion",
  });
});

Deno.test("decodeReply() takes an error without the question", () => {
  const head = replyOf([], 0).subarray(0, 12).with(5, 0);

  assert.deepEqual(decodeReply(head.with(3, 1), QUERY), {
    kind: "failed",
    reason: "it did not understand the question",
  });
  assert.equal(decodeReply(head, QUERY), undefined);
});

for (
  const [trouble, record] of Object.entries({
    "a pointer to itself": [0xc0, 24],
    "a pointer forward": [0xc0, 30],
    "a length of another kind": [0x80, 12],
    "an address of 5 bytes": [
      ...POINTER_TO_NAME,
      ...ADDRESS.slice(0, 9),
      5,
      ...ADDRESS.slice(10),
      0,
    ],
    "no end": [...POINTER_TO_NAME, ...ADDRESS.slice(0, -1)],
    "a name of 400 bytes": Array.from({ length: 400 }, () => [1, 0x61]).flat(),
  })
) {
  Deno.test(`decodeReply() finds a record with ${trouble} malformed`, () => {
    assert.deepEqual(decodeReply(replyOf(record), QUERY), {
      kind: "failed",
      reason: "its reply is malformed",
    });
  });
}

Deno.test("decodeReply() never throws, whatever the message", () => {
  const valid = replyOf([...POINTER_TO_NAME, ...ADDRESS]);
  const damage = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), {
    minLength: 1,
    maxLength: 6,
  });

  fc.assert(fc.property(damage, fc.nat(valid.length), (changes, length) => {
    const bytes = valid.slice();
    for (const [at, value] of changes) bytes[at] = value;
    decodeReply(bytes.subarray(0, length), QUERY);
    decodeReply(bytes, QUERY);
  }));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    decodeReply(bytes, QUERY);
  }));
});
