import { measureFiles } from "./file_budget.ts";

/** Files that a request, its connection to the site and the database need at once. */
const LEAST_FREE = 8;

/** Checks that the process can open files. @returns Why not. */
export function checkFiles(measure = measureFiles): string | undefined {
  const free = measure(LEAST_FREE)?.free ?? LEAST_FREE;
  if (free >= LEAST_FREE) return undefined;
  return "the process has no file left: raise its limit (ulimit -n, LimitNOFILE)";
}
