/**
 * The machine that the numbers are from, and whether it has time for them.
 *
 * @module
 */
import { sleep } from "../../src/async/timer.ts";
import { run } from "../testing/process.ts";
import { findProgram, requireProgram } from "./tools.ts";
import { machineCpu, usageOf } from "./usage.ts";

/** Over how long others are watched, in milliseconds. */
const WATCH = 300;
const GIBIBYTE = 1024 ** 3;

/** One line: processor, memory, kernel, runtime. */
export function describeMachine(): string {
  const cpuinfo = Deno.readTextFileSync("/proc/cpuinfo");
  const model = /^model name\s*: (.*)$/m.exec(cpuinfo)?.[1] ?? "unknown CPU";
  const memory = Math.round(Deno.systemMemoryInfo().total / GIBIBYTE);
  return [
    `${navigator.hardwareConcurrency} × ${model}`,
    `${memory} GiB`,
    `Linux ${Deno.osRelease()}`,
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
  ].join("; ");
}

/** The commit of the tree; with a `+` when files were changed since. `unknown` without git. */
export async function describeTree(): Promise<string> {
  if (findProgram("git") === undefined) return "unknown";
  const { stdout } = await run(
    requireProgram("git"),
    ["describe", "--always", "--dirty=+"],
    { cwd: import.meta.dirname ?? "." },
  );
  return stdout.trim();
}

/** Processor seconds per second that others spend on this machine now. */
async function othersNow(): Promise<number> {
  const ours = () => machineCpu() - usageOf([Deno.pid]).cpu;
  const before = ours();
  const start = performance.now();
  await sleep(WATCH);
  return (ours() - before) / ((performance.now() - start) / 1000);
}

/**
 * Waits until others leave the machine alone, at most `patience` milliseconds:
 * on a shared machine a number without it says little.
 */
export async function waitUntilQuiet(
  patience: number,
  atMost: number,
): Promise<void> {
  const end = performance.now() + patience;
  while (performance.now() < end && await othersNow() > atMost);
}
