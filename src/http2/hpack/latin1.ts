/**
 * Octets to text, one character for each (ISO 8859-1), fast for the lengths
 * that fields have.
 *
 * `TextDecoder("latin1")` is no help: it is windows-1252 under another name.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Nearly every string of a request fits; longer ones get room of their own. */
const SHARED_ROOM = 4096;

/**
 * Up to this length, spreading an array into `String.fromCharCode` is faster
 * than the call into the runtime that `Buffer` makes.
 */
const SPREAD_MAX = 24;

const shared = Buffer.from(new ArrayBuffer(SHARED_ROOM));

/** One array for each length, so that a spread is always of a whole array. */
const spreads: readonly number[][] = Array.from(
  { length: SPREAD_MAX + 1 },
  (_, length) => new Array<number>(length).fill(0),
);

/**
 * Room for `length` octets to be filled and given to `latin1Text`.
 *
 * @returns Room that is shared: it is good until the next call.
 */
export function latin1Buffer(length: number): Buffer<ArrayBuffer> {
  return length <= SHARED_ROOM ? shared : Buffer.allocUnsafe(length);
}

/** The first `length` octets of `room` as text. */
export function latin1Text(room: Buffer<ArrayBuffer>, length: number): string {
  const characters = spreads[length];
  if (characters === undefined) return room.toString("latin1", 0, length);
  for (let i = 0; i < length; i++) characters[i] = room[i] ?? 0;
  return String.fromCharCode(...characters);
}
