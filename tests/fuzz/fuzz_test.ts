/** A few hundred rounds of every fuzzer; `deno task fuzz` plays as many as one likes. */
import assert from "node:assert/strict";
import { firstSeed, playRound } from "./target.ts";
import { TARGETS } from "./targets.ts";

const ROUNDS = 300;
const SEED = firstSeed();

for (const target of TARGETS) {
  Deno.test(`${target.name} (SEED=${SEED})`, async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      outcomes.add(await playRound(target, SEED + round));
    }
    assert.ok(outcomes.size > 1, "all rounds go the same way");
  });
}
