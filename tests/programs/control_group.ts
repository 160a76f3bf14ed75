/**
 * Control groups of Linux, as containers have them: in a group, a program gets
 * no more memory than its limit, and is killed when it needs more. Needs root,
 * and `sh`: tests may not look into `/sys`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { run } from "../testing/process.ts";

/** Finds the tree of groups; version 1 has one for each kind of resource. */
const TREE = `set -e
tree=/sys/fs/cgroup; limit=memory.max; peak=memory.peak
if [ -d $tree/memory ]; then
  tree=$tree/memory; limit=memory.limit_in_bytes; peak=memory.max_usage_in_bytes
fi
`;

/** A group with a limit of memory; disposing it, after its programs have ended, removes it. */
export interface ControlGroup extends AsyncDisposable {
  readonly path: string;
  /** The most that it has used so far, in bytes. Pages of files count too. */
  peak(): Promise<number>;
}

/** Whether this process may make groups. */
export async function canMakeGroups(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const probe = `$tree/sallyport-probe-${Deno.pid}`;
  const { code } = await run("sh", [
    "-c",
    `${TREE} mkdir ${probe}; trap 'rmdir ${probe}' EXIT; test -w ${probe}/$limit`,
  ]);
  return code === 0;
}

/** Makes a group of at most `bytes` of memory. */
export async function makeGroup(bytes: number): Promise<ControlGroup> {
  const group = `$tree/sallyport-memory-${Deno.pid}`;
  const path = await told(
    `mkdir ${group}; echo ${bytes} > ${group}/$limit; echo ${group}`,
  );
  return {
    path,
    peak: async () => Number(await told(`cat ${group}/$peak`)),
    async [Symbol.asyncDispose]() {
      await told(`rmdir ${group}`);
    },
  };
}

async function told(script: string): Promise<string> {
  const { code, stdout, stderr } = await run("sh", ["-c", TREE + script]);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}
