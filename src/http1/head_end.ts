/**
 * Where a head (or a trailer section) ends.
 *
 * @module
 */
import { malformed } from "./errors.ts";

const LF = 0x0a;
const CR = 0x0d;

/**
 * Looks for the empty line, piece by piece as bytes arrive: no byte is looked
 * at twice, so a sender of single bytes cannot make us work more than it does.
 */
export class HeadEnd {
  #scanned = 0;
  #lineStart = 0;

  /** Whether the first line has ended. */
  get hasFirstLine(): boolean {
    return this.#lineStart > 0;
  }

  /**
   * Goes on with the bytes from `start`, the same place in the message each time.
   *
   * @returns The length up to and with the empty line, or -1 when it is not there yet.
   * @throws {Http1Error} `malformed` when a line ends without CR.
   */
  find(bytes: Uint8Array, start: number, end: number): number {
    let lineStart = start + this.#lineStart;
    for (let at = start + this.#scanned; at < end; at++) {
      if (bytes[at] !== LF) continue;
      if (at === lineStart || bytes[at - 1] !== CR) {
        throw malformed("a line ends without CR");
      }
      if (at - lineStart === 1) return at + 1 - start;
      lineStart = at + 1;
    }
    this.#scanned = end - start;
    this.#lineStart = lineStart - start;
    return -1;
  }
}
