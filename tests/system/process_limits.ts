/**
 * Limits of a running program, which bring about faults of its machine.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run, type TestProcess } from "../testing/process.ts";

/** Files can be this large, or so many be open. */
export type ProcessLimit = "fsize" | "nofile";

/**
 * Sets a limit of a running program: its soft one, which can be raised again.
 * Needs `prlimit`.
 *
 * @param value A number, or `unlimited`.
 */
export async function limitProcess(
  { pid }: Pick<TestProcess, "pid">,
  what: ProcessLimit,
  value: string,
): Promise<void> {
  const { code, stderr } = await run("prlimit", [
    `--pid=${pid}`,
    `--${what}=${value}:`,
  ]);
  assert.equal(code, 0, stderr);
}
