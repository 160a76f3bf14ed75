/**
 * Promise: traffic of one tunnel can never reach the client of another, whatever
 * they are called, for every user, and whatever happens meanwhile. Some rounds with
 * the same seeds each time; `TARGET=client deno task fuzz` plays others.
 *
 * @module
 */
import { ISOLATION } from "../fuzz/isolation.ts";
import { playRound } from "../fuzz/target.ts";

/** Each is another story. */
const SEEDS = [1, 2] as const;

for (const seed of SEEDS) {
  Deno.test(`${ISOLATION.name} (SEED=${seed})`, async () => {
    await playRound(ISOLATION, seed);
  });
}
