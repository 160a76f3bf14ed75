/* Undoes content codings (RFC 9110 §8.4.1). */
import type { Buffer } from "node:buffer";
import { type Duplex, Readable } from "node:stream";
import {
  brotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  gunzip,
  inflate,
  zstdDecompress,
} from "node:zlib";
import { listMembers } from "../../http/tokens.ts";
import type { ByteSource } from "./outcomes.ts";

type Decoder = (
  bytes: Uint8Array,
  options: { readonly maxOutputLength: number },
  callback: (error: Error | null, result: Buffer) => void,
) => void;

interface Coding {
  readonly decode: Decoder;
  readonly createStream: () => Duplex;
}

const GZIP: Coding = { decode: gunzip, createStream: () => createGunzip() };

const CODINGS: ReadonlyMap<string, Coding> = new Map<string, Coding>([
  ["gzip", GZIP],
  ["x-gzip", GZIP],
  ["deflate", { decode: inflate, createStream: () => createInflate() }],
  ["br", {
    decode: brotliDecompress,
    createStream: () => createBrotliDecompress(),
  }],
  ["zstd", {
    decode: zstdDecompress,
    createStream: () => createZstdDecompress(),
  }],
]);

/** Codings of one content. Compressing twice already has no use. */
const MAX_CODINGS = 2;

/** The bytes that decompression keeps ready. */
const READY = 64 * 1024;

/**
 * The codings of a `Content-Encoding` field, in the order in which they are
 * undone.
 *
 * @throws {TypeError} When one is unknown, or there are too many.
 */
export function codingsOf(field: string | undefined): readonly string[] {
  if (field === undefined) return [];
  const names = listMembers(field).filter((name) => name !== "identity");
  if (names.length > MAX_CODINGS) {
    throw new TypeError(`it is compressed ${names.length} times`);
  }
  const unknown = names.find((name) => !CODINGS.has(name));
  if (unknown !== undefined) {
    throw new TypeError(`its content coding "${unknown}" is unknown`);
  }
  return names.toReversed();
}

/**
 * Decompresses whole content.
 *
 * @param limit Of the decoded content, in bytes.
 * @throws {TypeError} When the bytes are invalid, or the result is too long.
 */
export async function decompress(
  bytes: Uint8Array,
  codings: readonly string[],
  limit: number,
): Promise<Uint8Array> {
  let plain = bytes;
  for (const name of codings) plain = await decodeOne(plain, name, limit);
  return plain;
}

/** Decompresses content as it flows. What the source throws comes out. */
export function decompressed(
  source: ByteSource,
  codings: readonly string[],
): ByteSource {
  return codings.reduce<ByteSource>(
    (inner, name) => new Decompression(inner, name),
    source,
  );
}

function decodeOne(
  bytes: Uint8Array,
  name: string,
  limit: number,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  CODINGS.get(name)?.decode(
    bytes,
    { maxOutputLength: limit },
    (cause, plain) => {
      if (cause === null) return resolve(plain);
      const isLong = "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
      reject(
        isLong ? tooLong(limit) : new TypeError(`it is not valid ${name}`, {
          cause,
        }),
      );
    },
  );
  return promise;
}

/** The error for content that is longer than the limit. */
export function tooLong(limit: number): TypeError {
  return new TypeError(
    `it is longer than ${limit} bytes, read it with a higher "limit" or as a stream`,
  );
}

class Decompression implements ByteSource {
  readonly #source: ByteSource;
  readonly #name: string;
  #failure: { readonly thrown: unknown } | undefined;
  #output: AsyncIterator<Uint8Array> | undefined;
  #stream: Duplex | undefined;

  constructor(source: ByteSource, name: string) {
    this.#source = source;
    this.#name = name;
  }

  async pull(): Promise<Uint8Array | undefined> {
    const output = this.#output ??= this.#start();
    try {
      const { value, done } = await output.next();
      return done ? undefined : new Uint8Array(value);
    } catch (cause) {
      if (this.#failure !== undefined) throw this.#failure.thrown;
      throw new TypeError(`it is not valid ${this.#name}`, { cause });
    }
  }

  async cancel(): Promise<void> {
    this.#stream?.destroy();
    await this.#source.cancel();
  }

  #start(): AsyncIterator<Uint8Array> {
    const stream = CODINGS.get(this.#name)?.createStream();
    if (stream === undefined) throw new TypeError("Unknown coding");
    this.#stream = stream;
    const input = Readable.from(this.#input(), {
      objectMode: false,
      highWaterMark: READY,
    });
    input.on("error", (error) => stream.destroy(error));
    return input.pipe(stream)[Symbol.asyncIterator]();
  }

  async *#input(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = await this.#source.pull();
        if (chunk === undefined) return;
        yield chunk;
      }
    } catch (thrown) {
      this.#failure = { thrown };
      throw thrown;
    }
  }
}
