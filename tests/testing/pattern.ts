/**
 * Content whose every byte is known: what an origin sends and what a test
 * expects are made by the same rule and compared by hash.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import type { ByteReader } from "../../src/net/stream/byte_stream.ts";

/** A prime, so that a chunk that is lost, doubled or moved changes the content. */
const PERIOD = 65_521;

const BLOCK = makeBlock();

function makeBlock(): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(PERIOD);
  let state = 0x9e3779b9;
  for (let at = 0; at < PERIOD; at++) {
    // xorshift32: the same bytes on every machine and in every run.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block[at] = state & 0xff;
  }
  return block;
}

/** The first `length` bytes of the pattern, at most 64 KiB − 15 at a time. */
export function* patternChunks(length: number): Generator<Uint8Array> {
  for (let sent = 0; sent < length; sent += PERIOD) {
    yield BLOCK.subarray(0, Math.min(PERIOD, length - sent));
  }
}

/** The first `length` bytes of the pattern in one piece. */
export function patternBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of patternChunks(length)) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** What a content was: enough to compare two of them. */
export interface Digest {
  /** Length in bytes. */
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Takes content piece by piece. */
export class Digester {
  #bytes = 0;
  readonly #hash: Hash = createHash("sha256");

  /** Adds a piece. */
  add(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    this.#hash.update(chunk);
  }

  /** What was added; nothing can be added afterwards. */
  digest(): Digest {
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }
}

/** The digest of the first `length` bytes of the pattern. */
export function patternDigest(length: number): Digest {
  return digestOf(patternChunks(length));
}

/** The digest of bytes in memory. */
export function digestOf(chunks: Iterable<Uint8Array>): Digest {
  const digester = new Digester();
  for (const chunk of chunks) digester.add(chunk);
  return digester.digest();
}

/** Reads everything and keeps only its digest. */
export async function digestReader(reader: ByteReader): Promise<Digest> {
  const digester = new Digester();
  const buffer = new Uint8Array(65_536);
  for (
    let read = await reader.read(buffer);
    read !== null;
    read = await reader.read(buffer)
  ) {
    digester.add(buffer.subarray(0, read));
  }
  return digester.digest();
}
