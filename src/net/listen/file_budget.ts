import { closeSync, openSync } from "node:fs";
import { SYSTEM } from "../../platform/system.ts";

/** Every system but Windows has it, and reading it has no effect. */
const NULL_DEVICE = "/dev/null";

/**
 * Counts how many more files the process can open, up to `atMost`.
 *
 * The limit of open files (`ulimit -n`) can be read by no call of the runtime.
 * So this opens files until the system refuses, and closes them at once. It
 * takes about 7 µs a file, and other threads can open none in that time.
 *
 * @returns `atMost` on Windows, which has no such limit, and where the
 * permission to read {@linkcode NULL_DEVICE} is missing.
 */
export function countFreeFiles(atMost: number): number {
  if (!SYSTEM.hasNumberedFiles) return atMost;
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < atMost) files.push(Deno.openSync(NULL_DEVICE));
    return atMost;
  } catch (cause) {
    return isOutOfFiles(cause) ? files.length : atMost;
  } finally {
    for (const file of files) file.close();
  }
}

/** How many files a process has open, and can still open. */
export interface FileUse {
  /**
   * Exact unless more files than were counted have been closed out of order;
   * then it is less. `undefined` when there is no free file.
   */
  readonly open: number | undefined;
  /** At most as many as were counted. */
  readonly free: number;
}

/** Where files get their numbers. */
export interface FileTable {
  /** Opens a file and gives its number. */
  open(): number;
  close(file: number): void;
  /** Whether the lowest free number is given. */
  readonly isNumbered: boolean;
}

const FILES: FileTable = {
  open: () => openSync(NULL_DEVICE, "r"),
  close: closeSync,
  isNumbered: SYSTEM.hasNumberedFiles,
};

/**
 * Counts open and free files. The system gives out its lowest free number, so a
 * few more files fill the gaps between the open ones, and the highest number
 * says how many there are. It takes about 7 µs a file.
 *
 * @param atMost How many free files are counted.
 * @returns `undefined` on Windows, and without the permission.
 */
export function measureFiles(
  atMost: number,
  table: FileTable = FILES,
): FileUse | undefined {
  if (!table.isNumbered) return undefined;
  const files: number[] = [];
  try {
    while (files.length < atMost) files.push(table.open());
  } catch (cause) {
    if (!isOutOfFiles(cause)) return undefined;
  } finally {
    for (const file of files) table.close(file);
  }
  const free = files.length;
  return { free, open: free > 0 ? Math.max(...files) + 1 - free : undefined };
}

/** Whether the system has no file left: `EMFILE` for the process, `ENFILE` for the machine. */
export function isOutOfFiles(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const { code } = cause as Error & { readonly code?: unknown };
  return code === "EMFILE" || code === "ENFILE";
}
