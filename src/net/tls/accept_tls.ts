import { timer } from "../../async/timer.ts";
import type { AcceptedConnection } from "../listen/accepted_connection.ts";
import {
  type TerminatedTls,
  terminateTls,
  type TerminateTlsOptions,
} from "./tls_terminator.ts";

/** Bytes of the header of a TLS record (RFC 8446 §5.1). */
const RECORD_HEADER = 5;
/** The content type of a handshake record. */
const HANDSHAKE = 22;
/** The most that a record without encryption may hold. */
const MAX_RECORD: number = 16 * 1024;
/** What most hellos of browsers fit in. */
const FIRST_SIZE = 2 * 1024;
/** How long a first record and a handshake may take together, in milliseconds. */
const TIMEOUT = 10_000;

/** The peer does not begin with TLS. What it sent can be read again. */
export class NoTlsError extends Error {
  /** Always `NoTlsError`. */
  override readonly name = "NoTlsError";
  /** The first byte that it sent. */
  readonly firstByte: number | undefined;

  constructor(message: string, firstByte?: number) {
    super(message);
    this.firstByte = firstByte;
  }
}

/**
 * Does the server's side of the handshake on a connection that was accepted.
 *
 * Nothing is made before the peer's first TLS record is complete: a peer that
 * is silent, stops half-way or speaks something else costs a small buffer.
 *
 * @returns `undefined` when the peer ended the connection before, or was a CA
 * that looked at a challenge.
 * @throws {NoTlsError} When the peer does not speak TLS.
 * @throws What else ended the handshake; the connection is closed then.
 */
export async function acceptTls(
  conn: AcceptedConnection,
  { timeout = TIMEOUT, ...options }: TerminateTlsOptions,
): Promise<TerminatedTls | undefined> {
  const end = performance.now() + timeout;
  using _limit = timer(timeout, () => conn.refuse("tls_timeout"));
  const hello = await readFirstRecord(conn);
  if (hello === undefined) return undefined;
  if (await options.identity.challenges?.serve(conn, hello)) return undefined;
  conn.unread(hello);
  const left = Math.max(1, end - performance.now());
  return await terminateTls(conn, { ...options, timeout: left });
}

/** Reads until a first handshake record is complete; gives all that was read. */
async function readFirstRecord(
  conn: AcceptedConnection,
): Promise<Uint8Array | undefined> {
  let buffer = new Uint8Array(FIRST_SIZE);
  let size = 0;
  let wanted = RECORD_HEADER;
  while (size < wanted) {
    const count = await conn.read(buffer.subarray(size));
    if (count === null) return undefined;
    size += count;
    const [first] = buffer;
    if (first !== HANDSHAKE || size > 1 && buffer[1] !== 3) {
      conn.unread(buffer.subarray(0, size));
      throw new NoTlsError("The peer does not speak TLS", first);
    }
    if (size < RECORD_HEADER) continue;
    wanted = RECORD_HEADER + recordLength(buffer);
    if (wanted > buffer.length) buffer = grown(buffer, wanted);
  }
  return buffer.subarray(0, size);
}

/** The length that a record's header says. @throws {NoTlsError} When no record has it. */
function recordLength(header: Uint8Array): number {
  const length = (header[3] ?? 0) << 8 | (header[4] ?? 0);
  if (length > 0 && length <= MAX_RECORD) return length;
  throw new NoTlsError("The peer's first TLS record has no valid length");
}

function grown(
  buffer: Uint8Array<ArrayBuffer>,
  size: number,
): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(buffer);
  return larger;
}
