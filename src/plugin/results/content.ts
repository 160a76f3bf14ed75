/* The content of a message, and reading it into memory up to a limit. */
import type { Body } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";

/** Content, and the fields of its message. */
export interface Content {
  readonly body: Body | undefined;
  readonly fields: Fields;
}

/** Bytes of the first read, when the length is not known. */
const CHUNK = 16 * 1024;

/** What has been read. */
export interface Beginning {
  readonly bytes: Uint8Array;
  /** Whether this is all of the content. */
  readonly isWhole: boolean;
}

/** Reads `body` to its end, or until there are more than `limit` bytes. */
export async function readUpTo(
  body: Body,
  limit: number,
): Promise<Beginning> {
  let bytes = new Uint8Array(Math.min(body.length ?? CHUNK, limit) + 1);
  let length = 0;
  while (length <= limit) {
    if (length === bytes.length) bytes = grown(bytes, limit + 1);
    const count = await body.read(bytes.subarray(length));
    if (count === null) {
      return { bytes: bytes.subarray(0, length), isWhole: true };
    }
    length += count;
  }
  return { bytes: bytes.subarray(0, length), isWhole: false };
}

/** Doubles the buffer: every byte is copied once on average. */
function grown(bytes: Uint8Array, max: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(bytes.length * 2, max));
  larger.set(bytes);
  return larger;
}

/** Content whose beginning is already in memory. */
export class PrefixedBody implements Body {
  readonly length: number | undefined;
  readonly #rest: Body;
  #beginning: Uint8Array;

  constructor(beginning: Uint8Array, rest: Body) {
    this.length = rest.length;
    this.#beginning = beginning;
    this.#rest = rest;
  }

  get trailers(): Fields | undefined {
    return this.#rest.trailers;
  }

  read(into: Uint8Array): Promise<number | null> {
    if (this.#beginning.length === 0) return this.#rest.read(into);
    const piece = this.#beginning.subarray(0, into.length);
    into.set(piece);
    this.#beginning = this.#beginning.subarray(piece.length);
    return Promise.resolve(piece.length);
  }

  cancel(reason?: unknown): void {
    this.#beginning = new Uint8Array();
    this.#rest.cancel(reason);
  }
}
