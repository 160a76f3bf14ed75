/**
 * The first words on a connection between client and server: the HTTP/1.1
 * Upgrade that names the tunnel, shows its token, and turns the roles round.
 *
 * @module
 */
import { deadline } from "../async/timer.ts";
import { statusText } from "../http/status_text.ts";
import { BufferedReader } from "../http1/buffered_reader.ts";
import { parseRequestHead, parseResponseHead } from "../http1/head_parser.ts";
import { readHead } from "../http1/head_reader.ts";
import { type ByteStream, closeQuietly } from "../net/byte_stream.ts";
import { writeAll } from "../net/copy.ts";
import { prefixedStream } from "../net/prefixed_stream.ts";
import { TunnelError } from "./errors.ts";
import {
  connectPath,
  PROTOCOL_VERSION,
  tunnelIdOf,
  UPGRADE_TOKEN,
  VERSION_FIELD,
} from "./protocol.ts";

/** Neither side has anything to think about: 10 s are for slow lines. */
const UPGRADE_TIMEOUT = 10_000;
/** Both heads are a few hundred bytes. */
const MAX_HEAD_BYTES = 8 * 1024;
/** A refusal is one line; more is not shown. */
const MAX_REASON_BYTES = 512;

/** What the client says. */
export interface UpgradeOptions {
  /** The tunnel server, for the Host field. */
  readonly authority: string;
  readonly tunnelId: string;
  /** From the reply that created the tunnel. */
  readonly token: string;
}

/**
 * Asks for the Upgrade on a fresh connection, which is closed if it fails.
 *
 * @returns The bytes after the 101.
 * @throws {TunnelError} `refused`, `versionMismatch`, `notSallyport` or `lost`.
 */
export async function requestUpgrade(
  conn: ByteStream,
  options: UpgradeOptions,
): Promise<ByteStream> {
  try {
    return await deadline(
      converse(conn, options),
      UPGRADE_TIMEOUT,
      () => closeQuietly(conn),
    );
  } catch (cause) {
    closeQuietly(conn);
    if (cause instanceof TunnelError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TunnelError("lost", `Cannot open a session: ${why}`, {
      retryable: true,
      cause,
    });
  }
}

async function converse(
  conn: ByteStream,
  { authority, tunnelId, token }: UpgradeOptions,
): Promise<ByteStream> {
  await writeHead(conn, [
    `GET ${connectPath(tunnelId)} HTTP/1.1`,
    `Host: ${authority}`,
    `Authorization: Bearer ${token}`,
    "Connection: Upgrade",
    `Upgrade: ${UPGRADE_TOKEN}`,
    `${VERSION_FIELD}: ${PROTOCOL_VERSION}`,
  ]);
  const reader = new BufferedReader(conn);
  const head = await readHead(reader, { maxHeadBytes: MAX_HEAD_BYTES });
  if (head === undefined) throw new Error("the server closed the connection");
  const { status, fields } = parseResponseHead(head);
  if (status !== 101) throw await refusal(status, reader);
  if (fields.get("upgrade")?.toLowerCase() !== UPGRADE_TOKEN) {
    throw notSallyport("it switched to another protocol");
  }
  return rest(conn, reader);
}

async function refusal(
  status: number,
  reader: BufferedReader,
): Promise<TunnelError> {
  const into = new Uint8Array(MAX_REASON_BYTES);
  const count = await reader.read(into) ?? 0;
  const reason = new TextDecoder().decode(into.subarray(0, count)).trim();
  const text = `Cannot open a session: ${reason || `status ${status}`}`;
  if (status === 426) return new TunnelError("versionMismatch", text);
  if (status === 401 || status === 410) return new TunnelError("refused", text);
  if (status === 503) return new TunnelError("lost", text, { retryable: true });
  return notSallyport(`it answered ${status}`);
}

function notSallyport(why: string): TunnelError {
  return new TunnelError(
    "notSallyport",
    `Cannot open a session: what answers is not a Sallyport server, ${why}`,
  );
}

/** What a client asked for, and the two answers. */
export interface Upgrade {
  readonly tunnelId: string;
  readonly token: string;
  /** Answers 101; gives the bytes that follow. */
  accept(): Promise<ByteStream>;
  /** Answers `status` with one line of text that says why, and closes. */
  refuse(status: number, reason: string): Promise<void>;
}

/**
 * Reads a client's Upgrade. What is no Upgrade of ours is answered here.
 *
 * @returns `undefined` when the connection ended or was answered.
 * @throws When the connection breaks or the client takes too long.
 */
export async function readUpgrade(
  conn: ByteStream,
): Promise<Upgrade | undefined> {
  const reader = new BufferedReader(conn);
  const head = await deadline(
    readHead(reader, { maxHeadBytes: MAX_HEAD_BYTES }),
    UPGRADE_TIMEOUT,
    () => closeQuietly(conn),
  );
  if (head === undefined) return undefined;
  const { method, target, fields } = parseRequestHead(head);
  const refuse = (status: number, reason: string) =>
    answer(conn, status, reason);
  const tunnelId = tunnelIdOf(target);
  const token = /^Bearer (\S+)$/i.exec(fields.get("authorization") ?? "")?.[1];
  if (method !== "GET" || tunnelId === undefined) {
    await refuse(
      404,
      "This port is for Sallyport clients; browsers use the proxy port",
    );
  } else if (fields.get("upgrade")?.toLowerCase() !== UPGRADE_TOKEN) {
    await refuse(400, `The Upgrade field does not say ${UPGRADE_TOKEN}`);
  } else if (fields.get(VERSION_FIELD) !== PROTOCOL_VERSION) {
    await refuse(
      426,
      `The server speaks version ${PROTOCOL_VERSION} of the protocol, update the client`,
    );
  } else if (token === undefined) {
    await refuse(401, "The tunnel token is missing");
  } else {
    return { tunnelId, token, refuse, accept };
  }
  return undefined;

  async function accept(): Promise<ByteStream> {
    await writeHead(conn, [
      "HTTP/1.1 101 Switching Protocols",
      "Connection: Upgrade",
      `Upgrade: ${UPGRADE_TOKEN}`,
    ]);
    return rest(conn, reader);
  }
}

async function answer(
  conn: ByteStream,
  status: number,
  reason: string,
): Promise<void> {
  const text = `${reason}\n`;
  await writeHead(conn, [
    `HTTP/1.1 ${status} ${statusText(status)}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${text.length}`,
  ], text);
  closeQuietly(conn);
}

async function writeHead(
  conn: ByteStream,
  lines: readonly string[],
  content = "",
): Promise<void> {
  const text = `${lines.join("\r\n")}\r\n\r\n${content}`;
  await writeAll(conn, new TextEncoder().encode(text));
}

/** What came behind the head belongs to the new protocol. */
function rest(conn: ByteStream, reader: BufferedReader): ByteStream {
  const early = reader.buffer.slice(reader.start, reader.end);
  return prefixedStream(early, conn);
}
