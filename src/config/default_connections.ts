import { availableParallelism } from "node:os";

const PER_CORE = 4;
const MAX = 16;

/** How many connections a client opens to the server by default, as in Sauce Connect 5. */
export function defaultConnections(): number {
  return Math.min(PER_CORE * availableParallelism(), MAX);
}
