/**
 * `deno task fuzz`: plays the fuzzers one after the other, again and again.
 *
 * - `SEED=123` begins with that seed: the one that a failure names plays it at once.
 * - `DURATION=600` is for how many seconds; 60 when not given.
 * - `TARGET=HPACK` takes only the fuzzers with that in their name.
 *
 * Ends with status 1 at the first broken promise, or when memory grows.
 *
 * @module
 */
import { firstSeed, playRound } from "./target.ts";
import { ISOLATION } from "./isolation.ts";
import { TARGETS } from "./targets.ts";

/** Rounds of one target before another one's turn. */
const TURN = 200;

/** What may stay in memory between the first look and the last. */
const MAX_GROWTH = 32 * 1024 * 1024;

/** Buffers are given back some time after nobody refers to them any more. */
const COLLECTIONS = 5;

/** How often memory is looked at and a line is printed, in milliseconds. */
const REPORT_INTERVAL = 10_000;

async function main(): Promise<void> {
  const seed = firstSeed();
  const seconds = Number(Deno.env.get("DURATION") ?? 60);
  const wanted = Deno.env.get("TARGET") ?? "";
  const targets = [...TARGETS, ISOLATION].filter(({ name }) =>
    name.includes(wanted)
  );
  if (targets.length === 0) {
    throw new RangeError(
      `Cannot fuzz "${wanted}": no target has that in its name`,
    );
  }
  say(`SEED=${seed} for ${seconds} s`);
  const outcomes = new Map<string, number>();
  const memory = new MemoryWatch();
  const end = performance.now() + seconds * 1000;
  let reportAt = performance.now() + REPORT_INTERVAL;
  let played = 0;
  while (performance.now() < end) {
    for (const target of targets) {
      const { turn = TURN } = target;
      for (let round = 0; round < turn; round++) {
        const outcome = await playRound(target, seed + played + round);
        const key = `${target.name}: ${outcome}`;
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
      }
    }
    played += TURN;
    if (performance.now() < reportAt && played > TURN) continue;
    await memory.look();
    reportAt = performance.now() + REPORT_INTERVAL;
    say(`${played} rounds of each, ${memory}`);
  }
  for (const [key, count] of [...outcomes].sort()) say(`${count}\t${key}`);
  await memory.look();
  say(`${played} rounds of each from SEED=${seed} on, ${memory}`);
  memory.check();
}

/** Memory after a turn of every target, garbage collected where the runtime lets us (`--v8-flags=--expose-gc`). */
class MemoryWatch {
  readonly #collect: unknown = Reflect.get(globalThis, "gc");
  #first: number | undefined;
  #last = 0;

  async look(): Promise<void> {
    for (let times = 0; times < COLLECTIONS; times++) {
      if (typeof this.#collect === "function") this.#collect();
      await new Promise((resolve) => setTimeout(resolve));
    }
    const { heapUsed, external } = Deno.memoryUsage();
    this.#last = heapUsed + external;
    this.#first ??= this.#last;
  }

  /** @throws {Error} When what stays has grown. */
  check(): void {
    if (this.#last - (this.#first ?? 0) <= MAX_GROWTH) return;
    throw new Error(`Cannot go on: memory grows, ${this}`);
  }

  toString(): string {
    return `memory ${megabytes(this.#first ?? 0)} at first, ${
      megabytes(this.#last)
    } now`;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a program for the terminal
  console.log(text);
}

await main();
