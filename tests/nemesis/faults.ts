/**
 * What goes wrong: each fault happens, lasts for a time, and is mended.
 *
 * @module
 */
import type { Random } from "../http2/hpack/random.ts";
import type { World } from "./world.ts";

/** Something that goes wrong. */
export interface Fault {
  readonly name: string;
  /** The tunnel that it concerns; `undefined`: all. */
  readonly tunnel: string | undefined;
  /** Resolves when it is mended. */
  happen(): Promise<void>;
}

/** The longest that something stands still, in milliseconds: longer than the PINGs of sessions wait. */
const MAX_STILL = 12_000;

/** Faults at once. */
const MAX_AT_ONCE = 3;

/** Some faults that can happen at once: one for each tunnel at most, and for the server. */
export function someFaults(world: World, random: Random): Fault[] {
  const targets: (string | undefined)[] = [...world.tunnels];
  // A client that starts needs the server: that is never gone at the same time.
  const count = 1 + random(MAX_AT_ONCE);
  if (random(4) === 0) return [faultOfServer(world, random)];
  const faults: Fault[] = [];
  while (faults.length < count && targets.length > 0) {
    const [tunnel] = targets.splice(random(targets.length), 1);
    if (tunnel !== undefined) faults.push(faultOf(world, tunnel, random));
  }
  return faults;
}

function faultOf(world: World, tunnel: string, random: Random): Fault {
  const wire = world.wireOf(tunnel);
  const time = random(MAX_STILL);
  const faults: readonly (readonly [string, () => Promise<void>])[] = [
    ["wire cut", () => Promise.resolve(wire.cut())],
    ["wire cut many times", () =>
      repeat(5, async () => {
        wire.cut();
        await pause(random(300));
      })],
    [`wire dead for ${time} ms`, async () => {
      wire.pause();
      await pause(time);
      wire.resume();
    }],
    [`wire dead for ${time} ms, then cut`, async () => {
      wire.pause();
      await pause(time);
      wire.cut();
      wire.resume();
    }],
    [`client asleep for ${time} ms`, async () => {
      world.signal("SIGSTOP", tunnel);
      await pause(time);
      world.signal("SIGCONT", tunnel);
    }],
    ["client killed", () => world.restartClient(tunnel)],
  ];
  const [what, happen] = faults[random(faults.length)] ?? ["", pause];
  return { name: `${tunnel}: ${what}`, tunnel, happen: () => happen(0) };
}

function faultOfServer(world: World, random: Random): Fault {
  const time = random(MAX_STILL);
  if (random(2) === 0) {
    return {
      name: "server killed",
      tunnel: undefined,
      happen: () => world.restartServer(),
    };
  }
  return {
    name: `server asleep for ${time} ms`,
    tunnel: undefined,
    async happen() {
      world.signal("SIGSTOP");
      await pause(time);
      world.signal("SIGCONT");
    },
  };
}

async function repeat(
  times: number,
  action: () => Promise<void>,
): Promise<void> {
  for (let at = 0; at < times; at++) await action();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
