/**
 * `deno task nemesis`: faults at random beside an oracle. A server and three
 * clients run as programs on loopback, without root. Browsers ask without pause,
 * wires are cut and stand still, programs sleep, are killed and start again.
 *
 * - `SEED=123` plays the faults and requests of that seed.
 * - `DURATION=600` is for how many seconds; 60 when not given.
 *
 * Ends with status 1 when a byte of one tunnel reached another, a request was
 * sent twice, a response was wrong or short and claimed to be whole, something
 * failed without a fault, a tunnel did not come back, or a program ended badly.
 *
 * @module
 */
import { type Random, seededRandom } from "../http2/hpack/random.ts";
import { someFaults } from "./faults.ts";
import { judge, type Trouble } from "./history.ts";
import { Traffic } from "./traffic.ts";
import { World } from "./world.ts";

const TUNNELS: readonly string[] = ["ann", "bob", "cyd"];
/** Browsers of each tunnel. */
const BROWSERS = 3;
/** A tunnel must answer so soon after the fault is mended, in milliseconds. */
const MAX_RECOVERY = 30_000;
/** All is well for so long between two rounds, in milliseconds. */
const QUIET = 500;

/** A trouble that grows until it is over. */
type OpenTrouble = { -readonly [Name in keyof Trouble]: Trouble[Name] };

async function main(): Promise<boolean> {
  const random = seededRandom();
  const seconds = Number(Deno.env.get("DURATION") ?? 60);
  await using world = await World.open(TUNNELS);
  const traffic = new Traffic(world, random);
  const stop = new AbortController();
  const browsing = Promise.all(
    TUNNELS.flatMap((tunnel) =>
      Array.from(
        { length: BROWSERS },
        () => traffic.browse(tunnel, stop.signal),
      )
    ),
  );
  const troubles: OpenTrouble[] = [];
  const recoveries: number[] = [];
  const findings: string[] = [];
  while (traffic.now < seconds * 1000 && findings.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, QUIET));
    const round = await playRound({ world, traffic, random, troubles });
    recoveries.push(...round);
    findings.push(...lateOnes(round));
  }
  stop.abort();
  await browsing;
  const { operations } = traffic;
  const { sightings } = world.sites;
  findings.push(...judge({ operations, sightings, troubles }));
  findings.push(...await world.end());
  for (const finding of findings.slice(0, 50)) say(finding);
  const failed = operations.filter(({ result }) =>
    result.kind === "broken" || result.status !== 200
  );
  say(
    `${operations.length} requests, ${failed.length} failed in ` +
      `${troubles.length} faults, back after ${medianOf(recoveries)} ms ` +
      `(median) and ${Math.round(Math.max(0, ...recoveries))} ms (longest); ` +
      `${findings.length} broken promises`,
  );
  return findings.length === 0;
}

/** Some faults at once. @returns How long each tunnel took to answer afterwards, in milliseconds. */
async function playRound({ world, traffic, random, troubles }: {
  readonly world: World;
  readonly traffic: Traffic;
  readonly random: Random;
  readonly troubles: OpenTrouble[];
}): Promise<number[]> {
  const faults = someFaults(world, random);
  say(`${(traffic.now / 1000).toFixed(1)} s  ${faults.map(nameOf).join(", ")}`);
  const all = await Promise.all(faults.map(async ({ tunnel, happen }) => {
    const trouble = { tunnel, from: traffic.now, to: Infinity };
    troubles.push(trouble);
    await happen();
    const mended = traffic.now;
    const touched = tunnel === undefined ? world.tunnels : [tunnel];
    await Promise.all(touched.map((each) => answers(each, traffic)));
    trouble.to = traffic.now;
    return trouble.to - mended;
  }));
  return all;
}

/** Resolves when a tunnel answers, or the time is up. */
async function answers(tunnel: string, traffic: Traffic): Promise<void> {
  const end = traffic.now + MAX_RECOVERY;
  while (!await traffic.ask(tunnel) && traffic.now < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function lateOnes(recoveries: readonly number[]): string[] {
  return recoveries.filter((ms) => ms >= MAX_RECOVERY)
    .map((ms) => `A tunnel did not come back within ${Math.round(ms)} ms`);
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a program for the terminal
  console.log(text);
}

Deno.exit(await main() ? 0 : 1);
