import type { Fields } from "../../http/fields.ts";
import { decodeLatin1 } from "../../http/latin1.ts";
import { TOKEN_BYTES, VALUE_BYTES } from "../../http/tokens.ts";
import { allowedTrailers } from "../../http/trailers.ts";
import {
  byteWords,
  cutShort,
  type Http1Error,
  malformed,
  unreadable,
} from "../errors.ts";
import type { BufferedReader } from "./buffered_reader.ts";
import type { ContentReader } from "./content_reader.ts";
import { REQUEST_LIMITS } from "./header_limits.ts";
import { parseFieldLines } from "./header_parser.ts";
import { HeaderSectionEnd } from "./header_reader.ts";

/** Limits of the trailer section. */
const { maxHeaderBytes: MAX_TRAILER_BYTES, maxFields: MAX_FIELDS } =
  REQUEST_LIMITS;
/** A chunk size with its extensions. Extensions are hardly ever used, so this is generous. */
const MAX_LINE = 1024;
/** Extensions of all chunks of one message: they are work without content. */
const MAX_EXTENSIONS = 16 * 1024;
/** Hexadecimal digits of a size, leading zeros included. */
const MAX_DIGITS = 16;

const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

/**
 * Reads chunked content and its trailer fields (RFC 9112 §7.1). Small chunks
 * that are buffered already are joined.
 */
export class ChunkedReader implements ContentReader {
  readonly left: undefined = undefined;
  readonly #reader: BufferedReader;
  #state: "size" | "data" | "dataEnd" | "trailers" | "complete" = "size";
  #chunkLeft = 0;
  #extensions = 0;
  #trailerEnd = new HeaderSectionEnd();
  #trailers: Fields | undefined;
  readonly #ofResponse: boolean;

  /** @param options `ofResponse`: sizes may be padded and trailer lines folded, as browsers take them. */
  constructor(
    reader: BufferedReader,
    { ofResponse = false }: { readonly ofResponse?: boolean } = {},
  ) {
    this.#reader = reader;
    this.#ofResponse = ofResponse;
  }

  get isComplete(): boolean {
    return this.#state === "complete";
  }

  get trailers(): Fields | undefined {
    return this.#trailers;
  }

  async read(into: Uint8Array): Promise<number | null> {
    let filled = 0;
    while (true) {
      while (this.#state !== "data" && this.#state !== "complete") {
        if (this.#advance()) continue;
        if (filled > 0) return filled;
        if (!await this.#reader.fill()) throw cutShort();
      }
      if (this.#state === "complete") return filled > 0 ? filled : null;
      if (filled === into.length) return filled;
      if (filled > 0 && this.#reader.buffered === 0) return filled;
      filled += await this.#readData(into.subarray(filled));
    }
  }

  async #readData(into: Uint8Array): Promise<number> {
    const count = await this.#reader.read(
      into.length > this.#chunkLeft ? into.subarray(0, this.#chunkLeft) : into,
    );
    if (count === null) throw cutShort();
    this.#chunkLeft -= count;
    if (this.#chunkLeft === 0) this.#state = "dataEnd";
    return count;
  }

  /** Parses what comes before or after chunk data; `false` when more bytes are needed. */
  #advance(): boolean {
    switch (this.#state) {
      case "dataEnd":
        return this.#takeDataEnd();
      case "size":
        return this.#takeSize();
      case "trailers":
        return this.#takeTrailers();
      case "data":
      case "complete":
        return true;
    }
  }

  #takeDataEnd(): boolean {
    const { buffer, start, buffered } = this.#reader;
    if (buffered < 2) return false;
    if (buffer[start] !== CR || buffer[start + 1] !== LF) {
      throw malformed("a chunk is longer than its size");
    }
    this.#reader.skip(2);
    this.#state = "size";
    return true;
  }

  #takeSize(): boolean {
    const { buffer, start, end, buffered } = this.#reader;
    let at = start;
    let size = 0;
    for (; at < end && at - start <= MAX_DIGITS; at++) {
      const digit = hexDigit(buffer[at]);
      if (digit < 0) break;
      size = size * 16 + digit;
    }
    const digits = at - start;
    if (digits > MAX_DIGITS || !Number.isSafeInteger(size)) {
      throw malformed("a chunk size is too large");
    }
    const lineEnd = this.#lineEnd(at);
    if (lineEnd < 0) {
      if (buffered > MAX_LINE) throw extensionsTooLong();
      return false;
    }
    if (digits === 0) throw malformed("a chunk has no size");
    this.#count(lineEnd - at);
    this.#reader.skip(lineEnd + 2 - start);
    this.#chunkLeft = size;
    this.#state = size === 0 ? "trailers" : "data";
    return true;
  }

  /** Position of the CR LF after size and extensions, or -1 when it is not there yet. */
  #lineEnd(sizeEnd: number): number {
    const { buffer, end } = this.#reader;
    if (sizeEnd === end) return -1;
    let at = sizeEnd;
    if (this.#ofResponse) at = skipBlanks(buffer, at, end);
    const extensions = at;
    if (buffer[at] === SEMICOLON) {
      while (at < end && VALUE_BYTES[buffer[at] ?? 0] === 1) at++;
    }
    if (at === end) return -1;
    if (buffer[at] !== CR) {
      throw malformed(
        `a chunk size is not hexadecimal but has ${byteWords(buffer[at])}`,
      );
    }
    if (at + 1 === end) return -1;
    if (buffer[at + 1] !== LF) throw malformed("a CR stands alone");
    if (!this.#ofResponse) checkExtensions(buffer, extensions, at);
    return at;
  }

  #count(extensions: number): void {
    this.#extensions += extensions;
    if (extensions > MAX_LINE || this.#extensions > MAX_EXTENSIONS) {
      throw extensionsTooLong();
    }
  }

  #takeTrailers(): boolean {
    const { buffer, start, end, buffered } = this.#reader;
    const length = this.#trailerEnd.find(buffer, start, end);
    if ((length ?? buffered) > MAX_TRAILER_BYTES) {
      throw unreadable(
        "headersTooLarge",
        `its trailer section is over ${MAX_TRAILER_BYTES} bytes`,
      );
    }
    if (length === undefined) return false;
    if (length > 2) {
      this.#trailers = parseTrailers(
        buffer.subarray(start, start + length),
        this.#ofResponse,
      );
    }
    this.#reader.skip(length);
    this.#state = "complete";
    return true;
  }
}

function parseTrailers(
  section: Uint8Array,
  mayFold: boolean,
): Fields | undefined {
  const text = decodeLatin1(section);
  return allowedTrailers(
    parseFieldLines(section, {
      ...{ text, start: 0, maxFields: MAX_FIELDS, mayFold },
    }),
  );
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at;
}

/**
 * Extensions have no meaning here. But two readers could disagree about the end
 * of one that breaks the grammar (RFC 9112 §7.1.1): each has a name, and at most
 * one value, a token or a quoted string.
 */
function checkExtensions(
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  let at = start;
  while (at < end) {
    const name = skipBlanks(bytes, at + 1, end);
    const nameEnd = skipToken(bytes, name);
    const isNamed = bytes[at] === SEMICOLON && nameEnd > name;
    if (!isNamed) throw malformed("a chunk extension has no name");
    at = skipBlanks(bytes, nameEnd, end);
    if (bytes[at] !== EQUALS) continue;
    const value = skipBlanks(bytes, at + 1, end);
    const valueEnd = bytes[value] === QUOTE
      ? skipQuoted(bytes, value, end)
      : skipToken(bytes, value);
    if (valueEnd === value) {
      throw malformed("a chunk extension has no value");
    }
    at = skipBlanks(bytes, valueEnd, end);
  }
}

function skipToken(bytes: Uint8Array, start: number): number {
  let at = start;
  while (TOKEN_BYTES[bytes[at] ?? 0] === 1) at++;
  return at;
}

/** Skips a quoted string; returns `start` where its end is missing. */
function skipQuoted(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at++;
  }
  return start;
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

function extensionsTooLong(): Http1Error {
  return malformed("its chunk extensions are too long");
}
