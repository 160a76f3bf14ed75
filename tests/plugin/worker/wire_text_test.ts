import assert from "node:assert/strict";
import fc from "fast-check";
import type { RpcOutgoing } from "../../../src/async/rpc.ts";
import { WIRE_TEXT } from "../../../src/plugin/worker/wire_text.ts";

const TEXT = fc.string({ unit: "binary" });
const MAYBE = fc.option(TEXT, { nil: undefined });
const FLAT = fc.array(fc.tuple(TEXT, TEXT), { maxLength: 4 }).map((pairs) =>
  pairs.flat()
);
/** Objects as programs have them. */
const PLAIN = { noNullPrototype: true } as const;
const ORIGINAL = fc.record({ method: TEXT, url: TEXT }, PLAIN);
const SUBJECT = fc.record({
  ...{ id: TEXT, user: MAYBE, job: MAYBE, key: fc.nat(), content: fc.nat() },
  original: fc.option(ORIGINAL, { nil: undefined }),
}, PLAIN);
const REQUEST = fc.record({
  ...{ method: TEXT, url: TEXT, headers: FLAT, upgrade: MAYBE },
}, PLAIN);
const RESPONSE = fc.record({ status: fc.nat(), headers: FLAT }, PLAIN);

function crossed(message: RpcOutgoing): unknown {
  const text = WIRE_TEXT.encode(message);
  assert.ok(text !== undefined);
  return WIRE_TEXT.decode(text);
}

/** The request, or one that begins as the browser sent it. */
function maybeOriginal(
  request: { method: string; url: string },
  original: { method: string; url: string } | undefined,
  isSame: boolean,
): { method: string; url: string } {
  return isSame ? { ...request, ...original } : request;
}

Deno.test("calls of request and response cross as they are", () => {
  fc.assert(
    fc.property(
      ...[REQUEST, RESPONSE, SUBJECT, fc.boolean(), fc.nat()] as const,
      (given, response, subject, isSame, id) => {
        const request = maybeOriginal(given, subject.original, isSame);
        const messages = { response, request, hadContent: isSame };
        for (
          const message of [
            { kind: "call", id, name: "request", args: [request, subject] },
            { kind: "call", id, name: "response", args: [messages, subject] },
          ]
        ) {
          assert.deepEqual(crossed(message), message);
        }
      },
    ),
  );
});

Deno.test.each([
  undefined,
  { kind: "abort" },
  { kind: "change", headers: ["set", "A", "\ud800\u2028é"] },
  {
    kind: "change",
    method: "PUT",
    destination: { scheme: "http", authority: "a.test" },
    headers: [],
  },
  {
    kind: "respond",
    status: 200,
    headers: ["A", "b"],
    body: { kind: "stream", channel: 3, isDerived: true },
  },
])("what a hook decides crosses as it is", (outcome) => {
  const message = { kind: "result", id: 7, value: { outcome, hasState: true } };

  assert.deepEqual(crossed(message), message);
});

const PLAIN_MESSAGES: readonly RpcOutgoing[] = [
  { kind: "result", id: 1, value: undefined },
  { kind: "result", id: 1, value: ["192.0.2.1"] },
  { kind: "cancel", id: 1 },
  {
    ...{ kind: "call", id: 3, name: "connect" },
    args: [{ hostname: "a.test", port: 80, kind: "request" }, { id: "1" }],
  },
  { kind: "call", id: 0, name: "want", args: [1, 4096] },
  { kind: "call", id: 0, name: "forget", args: [1] },
  { kind: "call", id: 0, name: "end", args: [1, undefined] },
  { kind: "call", id: 0, name: "end", args: [1, ["grpc-status", "0"]] },
  { kind: "call", id: 3, name: "read", args: [1, 4096] },
  { kind: "call", id: 3, name: "ping", args: [] },
  { kind: "call", id: 3, name: "resolve", args: ["a.test", undefined] },
];

Deno.test("what goes with requests and content crosses as it is", () => {
  for (const message of PLAIN_MESSAGES) {
    assert.deepEqual(crossed(message), message);
  }
});

Deno.test.each([
  {
    kind: "result",
    id: 1,
    value: {
      outcome: {
        kind: "change",
        headers: [],
        body: { kind: "bytes", bytes: Uint8Array.of(1) },
      },
      hasState: false,
    },
  },
  { kind: "result", id: 1, value: { name: "a" } },
  { kind: "call", id: 1, name: "load", args: [undefined] },
  { kind: "call", id: 0, name: "chunk", args: [1, Uint8Array.of(1)] },
  { kind: "error", id: 1, error: {} },
])("what has bytes, and what is rare, crosses as an object", (message) => {
  assert.equal(WIRE_TEXT.encode(message), undefined);
});

Deno.test.each([
  "",
  "[",
  "{}",
  "null",
  '"reply"',
  "[]",
  '["call",1]',
  '["call",1,"load",[]]',
])(
  "text without a message is refused",
  (text) => {
    assert.throws(() => WIRE_TEXT.decode(text));
  },
);
