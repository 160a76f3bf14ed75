/**
 * What processes use of the machine, from `/proc` (Linux).
 *
 * @module
 */

/** `/proc` counts in ticks of USER_HZ, which is 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** What some processes and their descendants have used so far. */
export interface Usage {
  /** User and system time, in seconds. */
  readonly cpu: number;
  /** Resident memory now, in bytes; pages that are shared count for each. */
  readonly memory: number;
}

interface Process extends Usage {
  readonly pid: number;
  readonly parent: number;
}

/** Fields are counted from the last ")": the name before it may hold anything (proc(5)). */
function parseStat(text: string): Process {
  const rest = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const [, parent = 0] = rest;
  // With that of children that have ended and were waited for.
  const ticks = rest.slice(11, 15).reduce((sum, each) => sum + each, 0);
  const pages = rest[21] ?? 0;
  return {
    pid: Number.parseInt(text),
    parent,
    cpu: ticks / TICKS_PER_SECOND,
    memory: pages * PAGE_BYTES,
  };
}

function allProcesses(): Process[] {
  const found: Process[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      found.push(parseStat(Deno.readTextFileSync(`/proc/${name}/stat`)));
    } catch (error) {
      // It ended between the list and the look.
      if (!(error instanceof Deno.errors.NotFound) && !isGone(error)) {
        throw error;
      }
    }
  }
  return found;
}

/** Reading the file of a process that ends meanwhile fails with ESRCH. */
function isGone(error: unknown): boolean {
  return error instanceof Error && error.message.includes("os error 3");
}

/** What `pids` and all their descendants have used. */
export function usageOf(pids: readonly number[]): Usage {
  const all = allProcesses();
  const wanted = new Set(pids);
  for (let before = -1; before < wanted.size;) {
    before = wanted.size;
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid);
  }
  const members = all.filter(({ pid }) => wanted.has(pid));
  return {
    cpu: members.reduce((sum, { cpu }) => sum + cpu, 0),
    memory: members.reduce((sum, { memory }) => sum + memory, 0),
  };
}

/** Seconds of processor time that the whole machine has spent on work. */
export function machineCpu(): number {
  const [line = ""] = Deno.readTextFileSync("/proc/stat").split("\n");
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line
    .split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}
