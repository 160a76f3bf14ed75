/**
 * How many connections to the server a client opens when nobody says so.
 *
 * @module
 */
import { availableParallelism } from "node:os";

const PER_CORE = 4;
const MOST = 16;

/** As Sauce Connect 5: four for each CPU core, at most 16. */
export function defaultConnections(): number {
  return Math.min(PER_CORE * availableParallelism(), MOST);
}
