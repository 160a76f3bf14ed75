import { TOKEN_BYTES } from "../../http/tokens.ts";
import { cutShort, malformed, notHttp, unreadable } from "../errors.ts";
import type { BufferedReader } from "./buffered_reader.ts";
import { REQUEST_LIMITS } from "./header_limits.ts";

/** Part of the limit that the start line may take: browsers send queries of up to 32 KiB, few origins accept longer ones. */
const FIRST_LINE = 1 / 2;

const CR = 0x0d;
const LF = 0x0a;

/** Options of `readHeaderSection`. */
export interface ReadHeaderSectionOptions {
  /** Bytes of start line and fields together. */
  readonly maxHeaderBytes?: number;
  /** Called when the first byte is there and the rest is not. */
  readonly onPartial?: () => void;
}

/**
 * Reads a start line and a header section, up to and including the empty line.
 *
 * One empty line before them is skipped (RFC 9112 §2.2).
 *
 * @returns The bytes, valid until the next read. `undefined` when the
 * connection ended before the first byte.
 * @throws {Http1Error} `malformed`, `targetTooLong`, `headersTooLarge` or
 * `cutShort`.
 */
export async function readHeaderSection(
  reader: BufferedReader,
  { maxHeaderBytes = REQUEST_LIMITS.maxHeaderBytes, onPartial }:
    ReadHeaderSectionOptions = {},
): Promise<Uint8Array | undefined> {
  while (reader.buffered === 0) {
    if (!await reader.fill()) return undefined;
  }
  if (reader.buffer[reader.start] === CR) {
    onPartial?.();
    if (!await skipEmptyLine(reader)) return undefined;
  }
  // Bytes that cannot be HTTP/1, such as a TLS hello, are refused at once and not after the timeout.
  const first = reader.buffer[reader.start] ?? 0;
  if (TOKEN_BYTES[first] !== 1) throw notHttp(first);
  const scan = new HeaderSectionEnd();
  while (true) {
    const { buffer, start, end, buffered } = reader;
    const length = scan.find(buffer, start, end);
    checkBounds(scan, length ?? buffered, maxHeaderBytes);
    if (length !== undefined) {
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
  if ((scan.firstLine ?? length) > max * FIRST_LINE) {
    throw unreadable(
      "targetTooLong",
      `its start line is over ${max * FIRST_LINE} bytes`,
    );
  }
  if (length > max) {
    throw unreadable(
      "headersTooLarge",
      `its header section is over ${max} bytes`,
    );
  }
}

/** Returns whether anything follows. */
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
 * Finds the empty line as bytes arrive. Each byte is examined once, so a sender
 * of single bytes cannot cause more work than it does.
 */
export class HeaderSectionEnd {
  #scanned = 0;
  #lineStart = 0;
  #firstLine: number | undefined;

  /** Bytes of the first line with its end; `undefined` before that is there. */
  get firstLine(): number | undefined {
    return this.#firstLine;
  }

  /**
   * Continues with the bytes from `start`, which is the same position in the
   * message each time.
   *
   * @returns The length including the empty line, `undefined` when it is not
   * there yet.
   * @throws {Http1Error} `malformed` when a line ends without CR.
   */
  find(bytes: Uint8Array, start: number, end: number): number | undefined {
    let lineStart = start + this.#lineStart;
    for (let at = start + this.#scanned; at < end; at++) {
      if (bytes[at] !== LF) continue;
      if (at === lineStart || bytes[at - 1] !== CR) {
        throw malformed(`line ${lineNumber(bytes, start, at)} ends without CR`);
      }
      if (at - lineStart === 1) return at + 1 - start;
      this.#firstLine ??= at + 1 - start;
      lineStart = at + 1;
    }
    this.#scanned = end - start;
    this.#lineStart = lineStart - start;
    return undefined;
  }
}

/** The number of the line that ends at `end`. */
function lineNumber(bytes: Uint8Array, start: number, end: number): number {
  let number = 1;
  for (let at = start; at < end; at++) if (bytes[at] === LF) number++;
  return number;
}
