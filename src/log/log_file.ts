import type { LogTarget } from "./log_writer.ts";
import { systemReason } from "./system_reason.ts";

/**
 * Opens a file to append lines to.
 *
 * @param mode The permissions of a new file; Windows has none.
 * @throws {Error} When it cannot be opened; the message says why.
 */
export function openLogFile(path: string, mode: number): LogTarget {
  try {
    const file = Deno.openSync(path, { append: true, create: true, mode });
    return new LogFile(path, file);
  } catch (cause) {
    throw new Error(
      `Cannot open the log file "${path}": ${
        systemReason(cause)
      }, choose another`,
      { cause },
    );
  }
}

/** A file that grows. */
class LogFile implements LogTarget {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #isClosed = false;

  constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#file.write(bytes);
  }

  async takeBack(count: number): Promise<void> {
    const end = await this.#file.seek(0, Deno.SeekMode.Current);
    const { size } = await this.#file.stat();
    if (size !== end) throw new Error("another program has written behind it");
    await this.#file.truncate(size - count);
  }

  async isInPlace(): Promise<boolean> {
    try {
      const own = await this.#file.stat();
      const there = await Deno.stat(this.#path);
      return isSameFile(own, there);
    } catch (cause) {
      // What cannot be looked at cannot be opened either, and the old one works.
      return this.#isClosed || !(cause instanceof Deno.errors.NotFound);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#file.close();
  }
}

/** What tells two files apart. */
type Identity = Pick<Deno.FileInfo, "dev" | "ino" | "birthtime">;

/** Whether two are one file. Some systems give files no number: then their birth decides. */
export function isSameFile(own: Identity, other: Identity): boolean {
  if (own.ino && other.ino) {
    return own.ino === other.ino && own.dev === other.dev;
  }
  return own.birthtime?.getTime() === other.birthtime?.getTime();
}
