/**
 * What a process holds, and whether it holds ever more.
 *
 * @module
 */
import { run } from "../../testing/process.ts";

/** What a process holds at a moment. */
export interface Resources {
  /** Megabytes of memory. */
  readonly memory: number;
  /** Open files and sockets. */
  readonly files: number;
  /** How often its main thread has gone to sleep so far: timers that nobody stops wake it. */
  readonly sleeps: number;
}

/** Looks at a process. Only on Linux. */
export async function resourcesOf(pid: number): Promise<Resources> {
  const [status, files] = await Promise.all([
    run("cat", [`/proc/${pid}/status`]),
    run("ls", [`/proc/${pid}/fd`]),
  ]);
  const numberOf = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status.stdout);
    if (found === null) throw new Error(`No ${name} of process ${pid}`);
    return Number(found[1]);
  };
  return {
    memory: Math.round(numberOf("VmRSS") / 1024),
    files: files.stdout.trim().split("\n").length,
    sleeps: numberOf("voluntary_ctxt_switches"),
  };
}

/** By how much values have grown: the mean of the last third over that of the first. A peak is not growth. */
export function growthOf(values: readonly number[]): number {
  const third = Math.max(1, Math.floor(values.length / 3));
  const mean = (part: readonly number[]) =>
    part.reduce((sum, each) => sum + each, 0) / Math.max(1, part.length);
  return Math.round(mean(values.slice(-third)) - mean(values.slice(0, third)));
}
