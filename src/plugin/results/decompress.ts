/**
 * Content codings (RFC 9110 §8.4.1): how content was made smaller.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { listMembers } from "../../http/tokens.ts";

type Decoder = (
  bytes: Uint8Array,
  options: { readonly maxOutputLength: number },
  callback: (error: Error | null, result: Buffer) => void,
) => void;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  ["br", brotliDecompress],
  ["zstd", zstdDecompress],
]);

/** Nobody compresses twice for a reason. */
const MAX_CODINGS = 2;

/**
 * Undoes the codings that a `Content-Encoding` field lists.
 *
 * @param limit What comes out may be this long, in bytes.
 * @throws {TypeError} When a coding is not known, its bytes are not right, or
 * too many come out.
 */
export async function decompress(
  bytes: Uint8Array,
  codings: string | undefined,
  limit: number,
): Promise<Uint8Array> {
  if (codings === undefined) return bytes;
  const names = listMembers(codings).filter((name) => name !== "identity");
  if (names.length > MAX_CODINGS) {
    throw new TypeError(`it is compressed ${names.length} times`);
  }
  let plain = bytes;
  for (const name of names.reverse()) {
    plain = await decodeOne(plain, name, limit);
  }
  return plain;
}

function decodeOne(
  bytes: Uint8Array,
  name: string,
  limit: number,
): Promise<Uint8Array> {
  const decoder = DECODERS.get(name);
  if (decoder === undefined) {
    return Promise.reject(
      new TypeError(`its content coding "${name}" is not known`),
    );
  }
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  decoder(bytes, { maxOutputLength: limit }, (cause, plain) => {
    if (cause === null) return resolve(plain);
    const isLong = "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    const reason = isLong
      ? `it is longer than ${limit} bytes`
      : `it is not valid ${name}`;
    reject(new TypeError(reason, { cause }));
  });
  return promise;
}
