import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";
import { listMembers } from "../../http/tokens.ts";

/** More codings than two have no use. */
const MAX_CODINGS = 2;

/** The decoded bytes. */
export interface DecodedPrefix {
  readonly bytes: Uint8Array;
  /** Whether the limit has cut them off. */
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
 * Decodes content codings (RFC 9110 §8.4.1) of content that may be cut off.
 *
 * @param codings A `Content-Encoding` field.
 * @param limit Greatest length of the result, in bytes.
 * @returns `undefined` when a coding is unknown or the bytes are not valid.
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
      // The bytes are not in this coding.
      return undefined;
    }
  }
  return plain;
}

/** If the result is too long, half of the bytes are tried, and so on. */
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
