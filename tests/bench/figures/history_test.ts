import assert from "node:assert/strict";
import {
  type HistoryEntry,
  historyLine,
  ratiosOf,
  readHistory,
  worseThan,
} from "./history.ts";
import type { WorkResult } from "../runner.ts";

const RESULT: WorkResult = {
  workload: {
    name: "bulk",
    about: "",
    way: "stream",
    roundTrip: undefined,
    isFresh: false,
    columns: [{ title: "MB/s", digits: 0 }],
    better: "more",
    measure: () => Promise.resolve([]),
  },
  others: [0],
  peers: [
    { peer: "own", rows: [[200]], trouble: undefined },
    { peer: "ssh", rows: [[150]], trouble: undefined },
    { peer: "gone", rows: [], trouble: "no answer" },
  ],
};

function entry(ssh: number): HistoryEntry {
  return {
    tree: "0123abcd",
    at: "2026-12-01T12:00:00Z",
    machine: "2 × a processor",
    runs: 3,
    seconds: 1,
    ratios: { bulk: { ssh } },
  };
}

Deno.test("ratiosOf() has the peers that were measured, to two digits", () => {
  assert.deepEqual(ratiosOf([RESULT], () => "own"), { bulk: { ssh: 1.33 } });
});

Deno.test("ratiosOf() is empty where nothing is compared", () => {
  const alone = { ...RESULT, peers: RESULT.peers.slice(0, 1) };

  assert.deepEqual(ratiosOf([alone], () => "own"), {});
});

Deno.test("readHistory() reads what historyLine() writes", () => {
  const text = historyLine(entry(1)) + historyLine(entry(2));

  assert.deepEqual(readHistory(text), [entry(1), entry(2)]);
  assert.deepEqual(readHistory(""), []);
});

Deno.test("readHistory() names the line that it cannot read", () => {
  const good = historyLine(entry(1));
  const bad = ["{", '{"tree":"x"}', "<<<<<<< ours"];

  for (const line of bad) {
    assert.throws(() => readHistory(`${good}${line}\n`), {
      name: "SyntaxError",
      message: /^Cannot read line 2 of the history of the benchmarks: /,
    });
  }
});

Deno.test("worseThan() allows 15 % below the median of the last five", () => {
  // The first two are too old to count.
  const history = [9, 9, 1, 2, 2, 2, 3].map(entry);

  assert.deepEqual(worseThan(history, { bulk: { ssh: 1.7 } }), []);
  assert.deepEqual(worseThan(history, { bulk: { ssh: 1.69 } }), [
    "bulk beside ssh: 1.69, before 2.00",
  ]);
});

Deno.test("worseThan() compares nothing with what was never measured", () => {
  assert.deepEqual(worseThan([], { bulk: { ssh: 0.1 } }), []);
  assert.deepEqual(worseThan([entry(2)], { bulk: { chisel: 0.1 } }), []);
  assert.deepEqual(worseThan([entry(2)], { keep: { ssh: 0.1 } }), []);
});
