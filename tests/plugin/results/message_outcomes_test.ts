import assert from "node:assert/strict";
import { readBatchOutcome } from "../../../src/plugin/results/message_outcomes.ts";

/** What a worker that a plugin has taken over may send: not what its type says. */
function fromWorker(value: unknown): Parameters<typeof readBatchOutcome>[0] {
  return value as Parameters<typeof readBatchOutcome>[0];
}

const kept = { kind: "keep" };
const data = "x".repeat(16 * 1024 * 1024 + 1);
const sent = { to: "site", data: "a" };

for (
  const [what, outcomes, failure] of [
    ["no outcome", [], undefined],
    ["more outcomes than messages", [kept, kept, kept], undefined],
    ["a failure too many", [kept, kept], { code: "threw" }],
    ["something else", ["keep"], undefined],
    ["outcomes that are no list", { length: 1, 0: kept }, undefined],
    ["data of no kind", [{ kind: "change", data: 7 }], undefined],
    ["too much data", [{ kind: "change", data }], undefined],
    ["messages to nobody", [{ ...kept, sent: [{ to: "all", data: "" }] }]],
    ["messages that are no list", [{ ...kept, sent: "ab" }], undefined],
    ["too many messages", [{ ...kept, sent: Array(101).fill(sent) }]],
  ] as const
) {
  Deno.test(`a worker that sends ${what} is refused`, () => {
    assert.throws(
      () =>
        readBatchOutcome(
          fromWorker({ outcomes, failure, isAborted: false }),
          2,
        ),
      TypeError,
    );
  });
}

Deno.test("bytes of a worker are copied: it may still have them", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(2));
  const change = { kind: "change", data: shared };

  const { outcomes: [outcome] } = readBatchOutcome(
    fromWorker({ outcomes: [change], failure: undefined, isAborted: false }),
    1,
  );
  shared[0] = 5;

  assert.deepEqual(outcome?.data, Uint8Array.of(0, 0));
});
