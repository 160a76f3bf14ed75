/**
 * Reads the ClientHello that begins a TLS connection (RFC 8446 §4.1.2), for
 * those few connections that are not for the TLS library.
 */

/** What is read of a ClientHello. */
export interface ClientHello {
  /** The handshake message, which both ends hash. */
  readonly message: Uint8Array;
  /** The name that is asked for, in lower case; `undefined` where none is. */
  readonly serverName: string | undefined;
  /** The protocols that may follow (RFC 7301). */
  readonly protocols: readonly string[];
  /** Comes back in the ServerHello. */
  readonly sessionId: Uint8Array;
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly signatureSchemes: readonly number[];
  /** The public keys of the key exchange, by group. */
  readonly keyShares: ReadonlyMap<number, Uint8Array>;
}

const RECORD_HEADER = 5;
const CLIENT_HELLO = 1;
const EXTENSION = {
  serverName: 0,
  signatureAlgorithms: 13,
  protocols: 16,
  supportedVersions: 43,
  keyShare: 51,
} as const;

/**
 * Reads the ClientHello of a first record.
 *
 * @param record The record with its header; what follows it is not looked at.
 * @returns `undefined` when there is none, or it does not fit in one record:
 * the TLS library says what is wrong.
 */
export function readClientHello(record: Uint8Array): ClientHello | undefined {
  try {
    return read(new Reader(record.subarray(RECORD_HEADER)));
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}

function read(record: Reader): ClientHello | undefined {
  const { rest: all } = record;
  if (record.number(1) !== CLIENT_HELLO) return undefined;
  const hello = record.block(3);
  const message = all.subarray(0, all.length - record.rest.length);
  // The version of TLS 1.2 and the random bytes.
  hello.bytes(2 + 32);
  const sessionId = hello.block(1).rest;
  const cipherSuites = numbersOf(hello.block(2));
  hello.block(1);
  const extensions = extensionsOf(hello.block(2));
  const part = (type: number) =>
    new Reader(extensions.get(type) ?? new Uint8Array(0));
  return {
    ...{ message, sessionId, cipherSuites },
    serverName: serverNameOf(part(EXTENSION.serverName)),
    protocols: protocolsOf(part(EXTENSION.protocols)),
    versions: listOf(part(EXTENSION.supportedVersions), 1),
    signatureSchemes: listOf(part(EXTENSION.signatureAlgorithms), 2),
    keyShares: keySharesOf(part(EXTENSION.keyShare)),
  };
}

function extensionsOf(reader: Reader): ReadonlyMap<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>();
  while (!reader.isAtEnd) {
    extensions.set(reader.number(2), reader.block(2).rest);
  }
  return extensions;
}

function serverNameOf(reader: Reader): string | undefined {
  if (reader.isAtEnd) return undefined;
  const names = reader.block(2);
  // 0 is a host name; no other kind exists (RFC 6066 §3).
  if (names.number(1) !== 0) return undefined;
  return textOf(names.block(2).rest).toLowerCase();
}

function protocolsOf(reader: Reader): readonly string[] {
  if (reader.isAtEnd) return [];
  const list = reader.block(2);
  const protocols: string[] = [];
  while (!list.isAtEnd) protocols.push(textOf(list.block(1).rest));
  return protocols;
}

function keySharesOf(reader: Reader): ReadonlyMap<number, Uint8Array> {
  const shares = new Map<number, Uint8Array>();
  if (reader.isAtEnd) return shares;
  const list = reader.block(2);
  while (!list.isAtEnd) shares.set(list.number(2), list.block(2).rest);
  return shares;
}

/** The numbers of two bytes in a block whose length has `size` bytes. */
function listOf(reader: Reader, size: number): readonly number[] {
  return reader.isAtEnd ? [] : numbersOf(reader.block(size));
}

function numbersOf(reader: Reader): readonly number[] {
  const numbers: number[] = [];
  while (!reader.isAtEnd) numbers.push(reader.number(2));
  return numbers;
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Reads bytes in order. Everything throws a `RangeError` when there are too few. */
class Reader {
  #rest: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#rest = bytes;
  }

  get rest(): Uint8Array {
    return this.#rest;
  }

  get isAtEnd(): boolean {
    return this.#rest.length === 0;
  }

  bytes(count: number): Uint8Array {
    if (count > this.#rest.length) throw new RangeError("cut short");
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return bytes;
  }

  /** A number of `size` bytes, the highest first. */
  number(size: number): number {
    return this.bytes(size).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** Bytes after their length, which has `size` bytes. */
  block(size: number): Reader {
    return new Reader(this.bytes(this.number(size)));
  }
}
