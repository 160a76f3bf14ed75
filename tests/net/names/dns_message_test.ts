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

const NAMED = [...POINTER_TO_NAME];
/** A record of the asked name that says it is `b.test`. */
const ALIAS = [
  ...[...NAMED, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4],
  ...[1, 0x62, 0xc0, 14],
];
/** Where the name `b.test` stands in a reply that begins with `ALIAS`. */
const ALIASED = [0xc0, 36];

Deno.test("decodeReply() follows an alias, whatever the order", () => {
  const address = [...ALIASED, ...ADDRESS];
  const found = { kind: "addresses", addresses: ["10.0.0.1"] };
  assert.deepEqual(
    decodeReply(replyOf([...ALIAS, ...address], 2), QUERY),
    found,
  );
  assert.deepEqual(decodeReply(replyOf(ALIAS), QUERY), {
    kind: "alias",
    name: "b.test",
  });
});

Deno.test("decodeReply() takes only addresses of the name, its type and the Internet", () => {
  const none = { kind: "addresses", addresses: [] };
  const other = [1, 0x7a, 0, ...ADDRESS];
  const record: readonly number[] = [...NAMED, ...ADDRESS];
  assert.deepEqual(decodeReply(replyOf(other), QUERY), none);
  assert.deepEqual(decodeReply(replyOf(record.with(3, 2)), QUERY), none);
  assert.deepEqual(decodeReply(replyOf(record.with(5, 3)), QUERY), none);
  const text = [...NAMED, 0, 16, 0, 1, 0, 0, 0, 60, 0, 3, 2, 97, 97];
  assert.deepEqual(decodeReply(replyOf([...text, ...record], 2), QUERY), {
    kind: "addresses",
    addresses: ["10.0.0.1"],
  });
  const chaos = ALIAS.with(5, 3);
  assert.deepEqual(decodeReply(replyOf([...chaos, ...record], 2), QUERY), {
    kind: "addresses",
    addresses: ["10.0.0.1"],
  });
});

Deno.test("decodeReply() takes only replies to this question", () => {
  const reply = replyOf([...NAMED, ...ADDRESS]);
  assert.equal(decodeReply(reply, QUERY)?.kind, "addresses");
  for (
    const [at, value] of [[1, 0], [2, 0x01], [13, 0x7a], [21, 28], [23, 3]]
  ) {
    assert.equal(
      decodeReply(reply.with(at ?? 0, value ?? 0), QUERY),
      undefined,
    );
  }
  assert.equal(decodeReply(reply.with(5, 2), QUERY), undefined);
});

/** Flags of a reply without addresses → what it says. */
for (
  const [high, low, wanted] of [
    [0x83, 0x80, { kind: "truncated" }],
    [0x81, 0x83, { kind: "noSuchName" }],
    [0x81, 0x81, {
      kind: "failed",
      reason: "it did not understand the question",
    }],
    [0x81, 0x82, { kind: "failed", reason: "it failed" }],
    [0x81, 0x84, {
      kind: "failed",
      reason: "it does not support the question",
    }],
    [0x81, 0x85, { kind: "failed", reason: "it refused the query" }],
    [0x81, 0x86, { kind: "failed", reason: "it responded with error 6" }],
    [0x85, 0x00, { kind: "addresses", addresses: [] }],
    [0x81, 0x80, { kind: "addresses", addresses: [] }],
  ] as const
) {
  Deno.test(`decodeReply() with the flags ${high} ${low} is ${wanted.kind}`, () => {
    const reply = replyOf([], 0).with(2, high).with(3, low);
    assert.deepEqual(decodeReply(reply, QUERY), wanted);
  });
}

Deno.test("decodeReply() follows eight aliases, and no loop", () => {
  /** Records by which `a0` is `a1`, and so on. */
  const chain = (count: number) => {
    const query = { ...QUERY, name: "a0" };
    const name = (at: number) => [2, 0x61, 0x30 + at, 0];
    const records = Array.from({ length: count }, (_, at) => [
      ...[...name(at), 0, 5, 0, 1, 0, 0, 0, 60, 0, 4],
      ...name(at + 1),
    ]).flat();
    const bytes = Uint8Array.of(
      ...encodeQuery(query).with(2, 0x81).with(3, 0x80).with(7, count),
      ...records,
    );
    return decodeReply(bytes, query);
  };
  assert.deepEqual(chain(7), { kind: "alias", name: "a7" });
  assert.deepEqual(chain(8), {
    kind: "failed",
    reason: "its reply is malformed",
  });
});

Deno.test("isDnsName() takes labels of 1 to 63 visible characters", () => {
  for (const name of ["a", "_sip.a", "x".repeat(63), "!~"]) {
    assert.equal(isDnsName(name), true, name);
  }
  for (
    const name of ["", ".", "a.", ".a", "a..b", "x".repeat(64), "a b", "ä"]
  ) {
    assert.equal(isDnsName(name), false, name);
  }
});

Deno.test("encodeQuery() asks for IPv6 too", () => {
  const bytes = encodeQuery({ ...QUERY, type: "AAAA" });
  assert.deepEqual([...bytes.subarray(-4)], [0, 28, 0, 1]);
});
