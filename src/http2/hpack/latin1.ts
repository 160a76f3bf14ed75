/**
 * Octets to text, one character each (ISO 8859-1), fast for the lengths of
 * fields.
 *
 * `TextDecoder("latin1")` does not help: it decodes windows-1252.
 */
import { Buffer } from "node:buffer";

/** Nearly every string of a request fits; longer ones get their own buffer. */
const SHARED_SIZE = 4096;

/**
 * Up to this length, spreading an array into `String.fromCharCode` is faster
 * than `Buffer`, which calls into the runtime.
 */
const SPREAD_MAX = 24;

const shared = Buffer.from(new ArrayBuffer(SHARED_SIZE));

/** One array for each length, so that a spread always takes a whole array. */
const spreads: readonly number[][] = Array.from(
  { length: SPREAD_MAX + 1 },
  (_, length) => new Array<number>(length).fill(0),
);

/**
 * A buffer for `length` octets, to be passed to `latin1Text`.
 *
 * @returns A shared buffer, valid until the next call.
 */
export function latin1Buffer(length: number): Buffer<ArrayBuffer> {
  return length <= SHARED_SIZE ? shared : Buffer.allocUnsafe(length);
}

/** The first `length` octets of `buffer` as text. */
export function latin1Text(
  buffer: Buffer<ArrayBuffer>,
  length: number,
): string {
  const characters = spreads[length];
  if (characters === undefined) return buffer.toString("latin1", 0, length);
  for (let i = 0; i < length; i++) characters[i] = buffer[i] ?? 0;
  return String.fromCharCode(...characters);
}
