/**
 * The HTTP/1.1 Upgrade with which a client begins a session: it names the
 * tunnel, sends its token, and reverses the roles.
 */
import { abortable } from "../async/abortable.ts";
import { deadline } from "../async/timer.ts";
import { Fields } from "../http/fields.ts";
import { trimOws } from "../http/tokens.ts";
import { BufferedReader } from "../http1/parse/buffered_reader.ts";
import { Http1Error } from "../http1/errors.ts";
import { parseRequest, parseResponse } from "../http1/parse/header_parser.ts";
import { readHeaderSection } from "../http1/parse/header_reader.ts";
import {
  writeRequestHeader,
  writeResponseHeader,
} from "../http1/write/header_writer.ts";
import { type ByteStream, closeQuietly } from "../net/stream/byte_stream.ts";
import { writeAll } from "../net/stream/copy.ts";
import { prefixedStream } from "../net/stream/prefixed_stream.ts";
import { TunnelError, type TunnelErrorCode } from "./errors.ts";
import {
  connectPath,
  PROTOCOL_VERSION,
  tunnelIdOf,
  UPGRADE_TOKEN,
  VERSION_FIELD,
} from "./protocol.ts";
import {
  isAccepted,
  WEBSOCKET_TOKEN,
  websocketAtClient,
  websocketAtServer,
  websocketKey,
  websocketKeyOf,
  websocketRequestFields,
  websocketResponseFields,
} from "./websocket_upgrade.ts";

/**
 * What the connection becomes: `direct` is HTTP/2 at once, `websocket` the same
 * inside binary messages.
 */
export type TunnelTransport = "direct" | "websocket";

/** What the user of a client has chosen: `auto` tries `direct`, then `websocket`. */
export type TransportChoice = "auto" | TunnelTransport;

/** Neither side computes anything: 10 s are for slow links. */
const UPGRADE_TIMEOUT = 10_000;
/** Both heads are a few hundred bytes. */
const MAX_HEAD_BYTES = 8 * 1024;
/** A refusal is one line of text; more is not shown. */
const MAX_REASON_BYTES = 512;

/** How a Sallyport server refuses, and a balancer whose server is not there at the moment. */
const REFUSALS: ReadonlyMap<number, TunnelErrorCode> = new Map([
  [401, "refused"],
  [410, "refused"],
  [426, "versionMismatch"],
  [429, "lost"],
  [500, "lost"],
  [502, "lost"],
  [503, "lost"],
  [504, "lost"],
]);

const encoder = new TextEncoder();

/** What the client says. */
export interface UpgradeOptions {
  /** The tunnel server, for the Host field. */
  readonly authority: string;
  readonly tunnelId: string;
  /** From the reply that created the tunnel. */
  readonly token: string;
  /** Default `direct`. */
  readonly transport?: TunnelTransport | undefined;
  /** How long the response may take, in milliseconds. */
  readonly timeout?: number;
  /** Gives the Upgrade up when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Requests the Upgrade on a new connection, which is closed if it fails.
 *
 * @returns The bytes after the 101.
 * @throws {TunnelError} `refused`, `versionMismatch`, `notSallyport` or `lost`.
 */
export async function requestUpgrade(
  conn: ByteStream,
  options: UpgradeOptions,
): Promise<ByteStream> {
  const { timeout = UPGRADE_TIMEOUT, signal } = options;
  try {
    return await deadline(abortable(converse(conn, options), signal), timeout);
  } catch (cause) {
    closeQuietly(conn);
    throw upgradeErrorOf(cause);
  }
}

function upgradeErrorOf(cause: unknown): TunnelError {
  if (cause instanceof TunnelError) return cause;
  if (cause instanceof Http1Error && cause.code !== "cutShort") {
    return notSallyport("it does not speak HTTP");
  }
  const isLate = cause instanceof DOMException && cause.name === "TimeoutError";
  const why = isLate ? "no response in time" : messageOf(cause);
  return new TunnelError("lost", `Cannot open a session: ${why}`, {
    retryable: true,
    cause,
  });
}

async function converse(
  conn: ByteStream,
  { authority, tunnelId, token, transport = "direct" }: UpgradeOptions,
): Promise<ByteStream> {
  const key = transport === "websocket" ? websocketKey() : undefined;
  const protocol = key === undefined ? UPGRADE_TOKEN : WEBSOCKET_TOKEN;
  await writeRequestHeader(
    conn,
    { method: "GET", target: connectPath(tunnelId) },
    new Fields([
      ...["Host", authority],
      ...["Authorization", `Bearer ${token}`],
      ...["Connection", "Upgrade"],
      ...["Upgrade", protocol],
      ...[VERSION_FIELD, PROTOCOL_VERSION],
      ...key === undefined ? [] : websocketRequestFields(key),
    ]),
  );
  const reader = new BufferedReader(conn);
  const head = await readHeaderSection(reader, {
    maxHeaderBytes: MAX_HEAD_BYTES,
  });
  if (head === undefined) throw new Error("the server closed the connection");
  const { status, fields } = parseResponse(head);
  if (status !== 101) {
    // A balancer's page is not a reason.
    const isText = /^text\/plain\b/i.test(
      fields.get("content-type") ?? "text/plain",
    );
    const length = isText ? Number(fields.get("content-length")) : 0;
    throw await refusal(status, { reader, length });
  }
  const isAgreed = fields.get("upgrade")?.toLowerCase() === protocol &&
    (key === undefined || isAccepted(fields, key));
  if (!isAgreed) throw notSallyport("it switched to another protocol");
  const stream = rest(conn, reader);
  return key === undefined ? stream : websocketAtClient(stream);
}

interface Content {
  readonly reader: BufferedReader;
  /** In bytes; not a number when the server did not say it. */
  readonly length: number;
}

async function refusal(
  status: number,
  content: Content,
): Promise<TunnelError> {
  const code = REFUSALS.get(status);
  if (code === undefined) return notSallyport(`status ${status}`);
  const reason = await readReason(content) || `status ${status}`;
  return new TunnelError(code, `Cannot open a session: ${reason}`, {
    retryable: code === "lost",
  });
}

/** The first line of content whose length is known: other content might never end. */
async function readReason({ reader, length }: Content): Promise<string> {
  if (!(length > 0)) return "";
  const into = new Uint8Array(Math.min(length, MAX_REASON_BYTES));
  let end = 0;
  try {
    while (end < into.length) {
      const count = await reader.read(into.subarray(end));
      if (count === null) break;
      end += count;
    }
  } catch {
    // The status has said what matters.
  }
  const text = new TextDecoder().decode(into.subarray(0, end));
  return trimOws(text.split(/\r?\n/, 1)[0] ?? "");
}

function notSallyport(why: string): TunnelError {
  return new TunnelError(
    "notSallyport",
    `Cannot open a session: no Sallyport server at that address, ${why}`,
  );
}

/** The Upgrade of a client, and the two possible responses. */
export interface Upgrade {
  readonly tunnelId: string;
  readonly token: string;
  readonly transport: TunnelTransport;
  /** Of the request. */
  readonly fields: Fields;
  /** Responds with 101; gives the bytes that follow. */
  accept(): Promise<ByteStream>;
  /** Responds with `status` and one line of text that says why, and closes. */
  refuse(status: number, reason: string): Promise<void>;
}

/**
 * Reads a client's Upgrade. Any other request gets an error here.
 *
 * @returns `undefined` when the connection ended or got an error.
 * @param timeout How long the request may take, in milliseconds.
 * @throws When the connection breaks, when what comes is not HTTP, and when the
 * client takes too long: then the connection is closed already.
 */
export async function readUpgrade(
  conn: ByteStream,
  { timeout = UPGRADE_TIMEOUT }: { readonly timeout?: number } = {},
): Promise<Upgrade | undefined> {
  const reader = new BufferedReader(conn);
  const head = await deadline(
    readHeaderSection(reader, { maxHeaderBytes: MAX_HEAD_BYTES }),
    timeout,
    () => closeQuietly(conn),
  );
  if (head === undefined) return undefined;
  const { method, target, fields } = parseRequest(head);
  const protocol = fields.get("upgrade");
  return await checkUpgrade(rest(conn, reader), {
    ...{ method, target, protocol, fields },
  });
}

/** The request that a connection began with. */
export interface UpgradeHead {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** What the Upgrade field says. */
  readonly protocol: string | undefined;
  readonly fields: Fields;
}

/**
 * Checks a request that was read. Anything but a client's Upgrade gets an error
 * here.
 *
 * @param stream The connection after the request.
 * @returns `undefined` when the request got an error.
 */
export async function checkUpgrade(
  stream: ByteStream,
  { method, target, protocol, fields }: UpgradeHead,
): Promise<Upgrade | undefined> {
  const refuse = (status: number, reason: string) =>
    respond(stream, status, reason);
  const tunnelId = tunnelIdOf(target);
  const token = /^Bearer ([!-~]+)$/i.exec(fields.get("authorization") ?? "")
    ?.[1];
  const isWebSocket = protocol?.toLowerCase() === WEBSOCKET_TOKEN;
  const key = isWebSocket ? websocketKeyOf(fields) : undefined;
  if (method !== "GET" || tunnelId === undefined) {
    await refuse(
      404,
      "This port is for Sallyport clients; browsers use the proxy port",
    );
  } else if (isWebSocket && key === undefined) {
    await refuse(400, "The WebSocket handshake is not of version 13");
  } else if (!isWebSocket && protocol?.toLowerCase() !== UPGRADE_TOKEN) {
    await refuse(
      400,
      `The Upgrade field says neither ${UPGRADE_TOKEN} nor ${WEBSOCKET_TOKEN}`,
    );
  } else if (fields.get(VERSION_FIELD) !== PROTOCOL_VERSION) {
    await refuse(
      426,
      `The server speaks version ${PROTOCOL_VERSION} of the protocol, update the client`,
    );
  } else if (token === undefined) {
    await refuse(401, "The tunnel token is missing");
  } else {
    const transport = isWebSocket ? "websocket" : "direct";
    return { tunnelId, token, transport, fields, refuse, accept };
  }
  return undefined;

  async function accept(): Promise<ByteStream> {
    await writeResponseHeader(
      stream,
      101,
      new Fields([
        ...["Connection", "Upgrade"],
        ...["Upgrade", key === undefined ? UPGRADE_TOKEN : WEBSOCKET_TOKEN],
        ...key === undefined ? [] : websocketResponseFields(key),
      ]),
    );
    return key === undefined ? stream : websocketAtServer(stream);
  }
}

async function respond(
  conn: ByteStream,
  status: number,
  reason: string,
): Promise<void> {
  const content = encoder.encode(`${reason}\n`);
  await writeResponseHeader(
    conn,
    status,
    new Fields([
      ...["Connection", "close"],
      ...["Content-Type", "text/plain; charset=utf-8"],
      ...["Content-Length", String(content.length)],
    ]),
  );
  await writeAll(conn, content);
  closeQuietly(conn);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What came behind the head belongs to the new protocol. */
function rest(conn: ByteStream, reader: BufferedReader): ByteStream {
  const early = reader.buffer.slice(reader.start, reader.end);
  return prefixedStream(early, conn);
}
