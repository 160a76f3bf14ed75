/**
 * How long a client takes to start: `deno run -A --no-prompt tests/bench/start.ts`.
 *
 * A server that has been running for a while, and one client program after the
 * other beside it. Counted from the start of the process to the words that
 * tests wait for.
 *
 * @module
 */
import { startProgram } from "../testing/process.ts";
import {
  CLIENT_ENV,
  clientArgs,
  type ServerProgram,
  startServerProgram,
} from "../system/programs.ts";
import { formatTable, median } from "./figures/table.ts";

const ROUNDS = 11;

/** What a client says on its way, in this order. */
const STEPS = [
  ["log begins", "Sallyport"],
  ["status API listens", "HTTP server listen"],
  ["tests may start", "Sallyport is up, you may start your tests"],
] as const;

if (import.meta.main) await measureAll();

async function measureAll(): Promise<void> {
  await using server = await startServerProgram();
  const rounds: (readonly number[])[] = [];
  // The first one warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const times = await startOne(server);
    if (round > 0) rounds.push(times);
  }
  const rows = STEPS.map(([step], at) => {
    const times = rounds.flatMap((round) => round[at] ?? []);
    const numbers = [Math.min(...times), median(times) ?? NaN];
    return [step, ...numbers.map((ms) => ms.toFixed(0))];
  });
  const table = formatTable([["ms until", "least", "median"], ...rows]);
  Deno.stdout.writeSync(new TextEncoder().encode(`${table}\n`));
}

/** Milliseconds until each step. */
async function startOne(server: ServerProgram): Promise<readonly number[]> {
  const startedAt = performance.now();
  await using client = startProgram(clientArgs(server), { env: CLIENT_ENV });
  const times: number[] = [];
  for (const [, message] of STEPS) {
    await client.event(message);
    times.push(performance.now() - startedAt);
  }
  client.signal("SIGTERM");
  await client.exit();
  return times;
}
