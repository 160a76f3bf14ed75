/* The content of a message, and reading it into memory up to a limit. */
import type { Body } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";

/** Content, and the fields of its message. */
export interface Content {
  readonly body: Body | undefined;
  readonly fields: Fields;
}

const MEBIBYTE = 1024 * 1024;

/** What a hook reads by default, in bytes. Pages and JSON are smaller; images and downloads are not text. */
export const DEFAULT_LIMIT: number = MEBIBYTE;

/** In bytes. Many requests hold their content in memory at once. */
export const MAX_CONTENT: number = 64 * MEBIBYTE;

/** Checks how much a hook wants to read. @throws {TypeError} With the reason. */
export function checkedLimit(limit: unknown): number {
  if (typeof limit === "number" && limit > 0 && limit <= MAX_CONTENT) {
    return limit;
  }
  throw new TypeError(`"limit" is ${limit}, use 1 to ${MAX_CONTENT} bytes`);
}

/** Bytes of the first read, when the length is not known. */
const CHUNK = 16 * 1024;

/** What has been read. */
export interface Beginning {
  readonly bytes: Uint8Array;
  /** Whether this is all of the content. */
  readonly isWhole: boolean;
}

/**
 * Reads `body` to its end, or until there are more than `limit` bytes.
 *
 * @param options `reserve` is called before memory is taken, with the bytes in
 * all. When something throws, `keep` gets what has been read so far; when it is
 * `body`, `onFailure` gets what.
 */
export async function readUpTo(
  body: Body,
  limit: number,
  { reserve, keep, onFailure }: {
    readonly reserve: (bytes: number) => Promise<void>;
    readonly keep: (beginning: Beginning) => void;
    readonly onFailure: (failure: { readonly thrown: unknown }) => void;
  },
): Promise<Beginning> {
  let bytes = new Uint8Array();
  let length = 0;
  try {
    while (length <= limit) {
      if (length === bytes.length) {
        const size = length === 0
          ? Math.min(body.length ?? CHUNK, limit) + 1
          : Math.min(length * 2, limit + 1);
        await reserve(size);
        bytes = grown(bytes, size);
      }
      const count = await readFrom(body, bytes.subarray(length), onFailure);
      if (count === null) {
        return { bytes: bytes.subarray(0, length), isWhole: true };
      }
      length += count;
    }
    return { bytes: bytes.subarray(0, length), isWhole: false };
  } catch (thrown) {
    keep({ bytes: bytes.subarray(0, length), isWhole: false });
    throw thrown;
  }
}

async function readFrom(
  body: Body,
  into: Uint8Array,
  onFailure: (failure: { readonly thrown: unknown }) => void,
): Promise<number | null> {
  try {
    return await body.read(into);
  } catch (thrown) {
    onFailure({ thrown });
    throw thrown;
  }
}

function grown(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}

/** Content whose beginning is already in memory. */
export class PrefixedBody implements Body {
  readonly length: number | undefined;
  readonly #rest: Body;
  readonly #release: () => void;
  readonly #isWhole: boolean;
  #beginning: Uint8Array;
  #isBegun = false;

  /** @param options Of both together; `release` is called when the beginning is not in memory any more. */
  constructor(
    beginning: Uint8Array,
    rest: Body,
    { length, isWhole, release }: {
      readonly length: number | undefined;
      /** Whether nothing comes after the beginning. */
      readonly isWhole: boolean;
      readonly release: () => void;
    },
  ) {
    this.length = length;
    this.#isWhole = isWhole;
    this.#beginning = beginning;
    this.#rest = rest;
    this.#release = release;
  }

  /** All of it, if it is all in memory and nobody has read any of it. */
  get whole(): Uint8Array | undefined {
    return this.#isWhole && !this.#isBegun ? this.#beginning : undefined;
  }

  get trailers(): Fields | undefined {
    return this.#rest.trailers;
  }

  read(into: Uint8Array): Promise<number | null> {
    this.#isBegun = true;
    if (this.#beginning.length === 0) return this.#rest.read(into);
    const piece = this.#beginning.subarray(0, into.length);
    into.set(piece);
    this.#beginning = this.#beginning.subarray(piece.length);
    if (this.#beginning.length === 0) this.#release();
    return Promise.resolve(piece.length);
  }

  cancel(reason?: unknown): void {
    this.#isBegun = true;
    this.#beginning = new Uint8Array();
    this.#release();
    this.#rest.cancel(reason);
  }
}
