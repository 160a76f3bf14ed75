/**
 * Waits for the head of a message, within bounds.
 *
 * @module
 */
import type { BufferedReader } from "./buffered_reader.ts";
import { cutShort, Http1Error, malformed } from "../errors.ts";
import { TOKEN_BYTES } from "../../http/tokens.ts";

/** The first line and all fields; twice what most origins read. */
export const MAX_HEADER_BYTES: number = 64 * 1024;
/** The first line: browsers put up to this much into a query, few origins read more. */
const MAX_FIRST_LINE = 32 * 1024;

const CR = 0x0d;
const LF = 0x0a;

/** The options of `readHeaderSection`. */
export interface ReadHeaderSectionOptions {
  /** Bytes of first line and fields together. */
  readonly maxHeaderBytes?: number;
  /** Called when the first byte is there and the rest is not. */
  readonly onPartial?: () => void;
}

/**
 * Reads up to and with the empty line after the fields.
 *
 * One empty line before the head is passed over (RFC 9112 §2.2).
 *
 * @returns The bytes, which stay valid until the next read; `undefined` when
 * the connection ended before the first of them.
 * @throws {Http1Error} `malformed`, `targetTooLong`, `headersTooLarge` or `cutShort`.
 */
export async function readHeaderSection(
  reader: BufferedReader,
  { maxHeaderBytes = MAX_HEADER_BYTES, onPartial }: ReadHeaderSectionOptions =
    {},
): Promise<Uint8Array | undefined> {
  while (reader.buffered === 0) {
    if (!await reader.fill()) return undefined;
  }
  if (reader.buffer[reader.start] === CR) {
    onPartial?.();
    if (!await skipEmptyLine(reader)) return undefined;
  }
  // What cannot be HTTP/1 (a TLS hello, say) is refused at once, not when time is up.
  if (TOKEN_BYTES[reader.buffer[reader.start] ?? 0] !== 1) {
    throw malformed("it does not begin like one of HTTP/1");
  }
  const scan = new HeaderSectionEnd();
  while (true) {
    const { buffer, start, end } = reader;
    const length = scan.find(buffer, start, end);
    checkBounds(scan, length < 0 ? end - start : length, maxHeaderBytes);
    if (length > 0) {
      reader.skip(length);
      return buffer.subarray(start, start + length);
    }
    onPartial?.();
    if (!await reader.fill()) throw cutShort();
  }
}

function checkBounds(
  scan: HeaderSectionEnd,
  length: number,
  max: number,
): void {
  if (!scan.hasFirstLine && length > Math.min(MAX_FIRST_LINE, max)) {
    throw new Http1Error(
      "targetTooLong",
      `Cannot read the message: its first line is over ${MAX_FIRST_LINE} bytes`,
    );
  }
  if (length > max) {
    throw new Http1Error(
      "headersTooLarge",
      `Cannot read the message: its head is over ${max} bytes`,
    );
  }
}

/** Says whether anything follows. */
async function skipEmptyLine(reader: BufferedReader): Promise<boolean> {
  while (reader.buffered < 2) {
    if (!await reader.fill()) return false;
  }
  if (reader.buffer[reader.start + 1] !== LF) {
    throw malformed("a CR stands alone");
  }
  reader.skip(2);
  while (reader.buffered === 0) {
    if (!await reader.fill()) return false;
  }
  return true;
}

/**
 * Looks for the empty line, piece by piece as bytes arrive: no byte is looked
 * at twice, so a sender of single bytes cannot make us work more than it does.
 */
export class HeaderSectionEnd {
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
