/**
 * Undoes content codings (RFC 9110 §8.4.1) of content that may be cut off: what
 * there is of it becomes readable.
 *
 * @module
 */
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";
import { listMembers } from "../../http/tokens.ts";

/** Nobody compresses twice for a reason. */
const MAX_CODINGS = 2;

/** What was decoded. */
export interface DecodedPrefix {
  readonly bytes: Uint8Array;
  /** Whether there would have been more, but for the limit. */
  readonly isCut: boolean;
}

type Decode = (bytes: Uint8Array, limit: number) => DecodedPrefix;

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["gzip", decodeWith(gunzipSync, constants.Z_SYNC_FLUSH)],
  ["x-gzip", decodeWith(gunzipSync, constants.Z_SYNC_FLUSH)],
  ["deflate", decodeWith(inflateSync, constants.Z_SYNC_FLUSH)],
  ["br", decodeWith(brotliDecompressSync, constants.BROTLI_OPERATION_FLUSH)],
  ["zstd", decodeWith(zstdDecompressSync, constants.ZSTD_e_flush)],
]);

/**
 * The beginning of what `bytes` say.
 *
 * @param codings A `Content-Encoding` field.
 * @param limit What comes out is at most this long, in bytes.
 * @returns `undefined` when a coding is not known, or the bytes are not right.
 */
export function decodePrefix(
  bytes: Uint8Array,
  codings: string | undefined,
  limit: number,
): DecodedPrefix | undefined {
  const names = listMembers(codings ?? "").filter((each) =>
    each !== "identity"
  );
  if (names.length > MAX_CODINGS) return undefined;
  let plain: DecodedPrefix = { bytes, isCut: false };
  for (const name of names.reverse()) {
    const decode = DECODERS.get(name);
    if (decode === undefined) return undefined;
    try {
      const inner = decode(plain.bytes, limit);
      plain = { ...inner, isCut: plain.isCut || inner.isCut };
    } catch {
      // Not what it is said to be.
      return undefined;
    }
  }
  return plain;
}

/** What is too long is tried again with half of the bytes, until it fits. */
function decodeWith(
  decode: (
    bytes: Uint8Array,
    options: {
      readonly finishFlush: number;
      readonly maxOutputLength: number;
    },
  ) => Uint8Array,
  finishFlush: number,
): Decode {
  return function decodeHalves(bytes, limit) {
    for (let rest = bytes;; rest = rest.subarray(0, rest.length >> 1)) {
      try {
        const plain = decode(rest, { finishFlush, maxOutputLength: limit });
        return { bytes: plain, isCut: rest.length < bytes.length };
      } catch (cause) {
        if (!isTooLong(cause) || rest.length === 0) throw cause;
      }
    }
  };
}

function isTooLong(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause &&
    cause.code === "ERR_BUFFER_TOO_LARGE";
}
