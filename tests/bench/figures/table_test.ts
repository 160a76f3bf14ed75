import assert from "node:assert/strict";
import type { WorkResult } from "../runner.ts";
import {
  formatTable,
  median,
  ratio,
  ratioTable,
  troubles,
  workTable,
} from "./table.ts";

const RESULT: WorkResult = {
  workload: {
    name: "bulk",
    about: "",
    way: "stream",
    roundTrip: undefined,
    isFresh: false,
    columns: [{ title: "MB/s", digits: 0 }, { title: "CPU", digits: 1 }],
    better: "more",
    measure: () => Promise.resolve([]),
  },
  others: [0],
  peers: [
    { peer: "own", rows: [[300, 1], [100, 9], [200, 2]], trouble: undefined },
    { peer: "ssh", rows: [[100, 4]], trouble: "closed" },
    { peer: "gone", rows: [], trouble: "no answer" },
  ],
};

const HEAD = ["peer", "own is ×", "in half of the turns"] as const;

Deno.test("median() is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([]), undefined);
});

Deno.test("ratio() is above 1 when ours is better, whichever way better is", () => {
  assert.equal(ratio(300, 100, "more"), 3);
  assert.equal(ratio(10, 30, "less"), 3);
  assert.equal(ratio(10, undefined, "less"), undefined);
  assert.equal(ratio(10, -1, "less"), undefined);
});

Deno.test("workTable() shows medians, ratios, and the range of what is compared", () => {
  assert.deepEqual(workTable(RESULT, "own"), [
    [...HEAD, "MB/s", "CPU", "lowest–highest"],
    ["own", "", "", "200", "2.0", "100–300"],
    ["ssh", "2.00", "–", "100", "4.0", "100–100"],
  ]);
});

Deno.test("workTable() compares turn by turn: what slows both down does not count", () => {
  const rows = (...rates: number[]) => rates.map((rate) => [rate, 0]);
  const [own, ssh] = [rows(100, 40, 800, 200), rows(50, 20, 400, 50)];

  const table = workTable({
    ...RESULT,
    peers: [
      { peer: "own", rows: own, trouble: undefined },
      { peer: "ssh", rows: ssh, trouble: undefined },
    ],
  }, "own");

  // The ratio of the medians is 3.
  assert.deepEqual(table[2]?.slice(0, 3), ["ssh", "2.00", "2.00–2.00"]);
});

Deno.test("ratioTable() leaves a gap for what was not measured", () => {
  assert.deepEqual(ratioTable([RESULT], "own"), [
    ["workload", "ssh", "gone"],
    ["bulk", "2.00", "–"],
  ]);
});

Deno.test("troubles() tells a peer that never worked from one that failed once", () => {
  assert.deepEqual(troubles(RESULT), [
    "Failed in a run: closed (ssh)",
    "Not measured: no answer (gone)",
  ]);
});

Deno.test("formatTable() puts numbers under each other from the right", () => {
  const table = [["peer", "MB/s"], ["a", "1000"], ["long", "5"]];

  assert.equal(formatTable(table), "peer  MB/s\na     1000\nlong     5");
  assert.equal(
    formatTable(table, { markdown: true }),
    "| peer | MB/s |\n| ---- | ---: |\n| a    | 1000 |\n| long |    5 |",
  );
});
