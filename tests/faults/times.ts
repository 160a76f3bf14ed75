/**
 * `deno task faults [rounds]`: how long it takes from a fault to the first good
 * request, with the limits that users have. Prints a table; ends with code 1
 * when a median is over 5 s.
 *
 * @module
 */
import { sleep } from "../../src/async/timer.ts";
import { SILENCE_LIMITS } from "../../src/tunnel/silence.ts";
import { type FaultSystem, startFaultSystem } from "./fault_system.ts";

const ROUNDS = Number(Deno.args[0] ?? 7);
/** Between two requests, in milliseconds. */
const PACE = 100;
/** What a median may be, in milliseconds. */
const GOAL = 5_000;
/** How long the network is gone where it comes back. */
const OUTAGE = 15_000;

/** Breaks the network. Time counts from when it has returned. */
type Fault = (system: FaultSystem) => void | Promise<void>;

const FAULTS: Readonly<Record<string, Fault>> = {
  "dead session": ({ relay }) => relay.connections[0]?.stall(),
  "NAT forgets, or new address of the client": ({ relay }) => relay.forget(),
  "black hole, then new connections pass": async ({ relay }) => {
    relay.forget();
    relay.acceptSilently();
    await sleep(OUTAGE);
    relay.acceptSilently(false);
  },
  "connections are reset": ({ relay }) => relay.cut(),
};

let isGood = true;
for (const [name, fault] of Object.entries(FAULTS)) {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await measure(fault));
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? Infinity;
  isGood &&= median <= GOAL;
  const all = times.map((ms) => (ms / 1000).toFixed(1)).join(" ");
  // deno-lint-ignore no-console -- the result
  console.log(`${name}: median ${(median / 1000).toFixed(1)} s (${all})`);
}
Deno.exit(isGood ? 0 : 1);

/** Milliseconds from the fault to the first good response of a request that came after it. */
async function measure(fault: Fault): Promise<number> {
  await using system = await startFaultSystem({
    silence: SILENCE_LIMITS,
    sessions: 8,
  });
  // At any moment between two PINGs.
  await sleep(2_000 + Math.random() * SILENCE_LIMITS.pingInterval);
  await fault(system);
  const start = performance.now();
  const good = Promise.withResolvers<number>();
  const ask = async () => {
    const page = await system.get("/").catch(() => undefined);
    if (page?.status === 200) good.resolve(performance.now() - start);
  };
  const asking: Promise<void>[] = [];
  const timer = setInterval(() => asking.push(ask()), PACE);
  const ms = await good.promise;
  clearInterval(timer);
  await Promise.all(asking);
  return ms;
}
