/**
 * The server's end of a session: a connection that a client dialled, on which
 * this side opens a stream for every exchange.
 */
import type { ProxyRequest, ProxyResponse } from "../http/exchange.ts";
import type { Http2Client, Http2ClientStream } from "../http2/api.ts";
import { startHttp2Client } from "../http2/client.ts";
import type { Http2Options } from "../http2/options.ts";
import { Http1Error } from "../http1/errors.ts";
import { ErrorCode, Http2Error, StreamLimitError } from "../http2/errors.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import { BulkTransferDetector } from "./bulk_transfer_detector.ts";
import { TunnelError, type TunnelErrorCode } from "./errors.ts";
import {
  type ResponseCodec,
  sendOnStream,
} from "../http_server/send_stream.ts";
import { MAX_CONTINUATIONS, MAX_FIELD_SECTION } from "./protocol.ts";
import type { SessionContext, SessionStats, TunnelSession } from "./session.ts";
import {
  patienceOf,
  SILENCE_LIMITS,
  type SilenceLimits,
  silentAfter,
} from "./silence.ts";
import { encodeFields, readFields } from "./wire_fields.ts";
import { encodeRequest } from "./wire_request.ts";
import { decodeResponse } from "./wire_response.ts";

/** What is known of a session when it begins. */
export interface OpenSessionOptions {
  /** Unique on this server. */
  readonly id: string;
  /** Address of the client as `ip:port`. */
  readonly remote: string;
  /** What may have to be kept of it, in bytes; by default as HTTP/2 has it. */
  readonly limits?: Pick<
    Http2Options,
    "connectionWindow" | "maxUnread" | "maxWindow"
  >;
  /** When the session is checked and given up. Default {@linkcode SILENCE_LIMITS}. */
  readonly silence?: SilenceLimits | undefined;
  /** The sessions of the tunnel; this one may be among them. Default: none are known. */
  readonly sessions?: () => readonly TunnelSession[];
}

/**
 * How long an exchange may wait while the client allows no more, in
 * milliseconds: the browser has its 503 within 5 s.
 */
const STREAM_WAIT = 4_000;

/** Opens a session on `conn`, which a client dialled and upgraded. */
export function openSession(
  conn: ByteStream,
  { id, remote, limits = {}, silence = SILENCE_LIMITS, sessions = () => [] }:
    OpenSessionOptions,
): TunnelSession {
  const http2: Http2Client = startHttp2Client(conn, {
    ...limits,
    ...silence,
    pingPhase: Math.random(),
    streamWait: STREAM_WAIT,
    patience: () => patienceOf(sessions()),
    onSilent: () => onSilent(http2, sessions(), silence.overdueAfter),
    maxFieldSectionSize: MAX_FIELD_SECTION,
    maxContinuations: MAX_CONTINUATIONS,
  });
  return new OpenSession(http2, { id, remote });
}

/**
 * Moves exchanges of a silent session to others. These are asked first: the
 * network may be gone, and then they are as dead as this one.
 */
function onSilent(
  http2: Http2Client,
  sessions: readonly TunnelSession[],
  overdueAfter: number,
): void {
  const limit = silentAfter(overdueAfter, http2.stats.roundTripTime);
  if (http2.silence >= limit && sessions.some(isFit)) http2.resetMovable();
  else if (http2.silence >= overdueAfter / 2) {
    for (const session of sessions) session.check();
  }
}

/** Whether exchanges of a silent session are better off on this one. */
function isFit(session: TunnelSession): boolean {
  return session.acceptsExchanges && session.hasRoom && !session.owesReply;
}

class OpenSession implements TunnelSession {
  readonly id: string;
  readonly remote: string;
  readonly openedAt: number = Date.now();
  readonly done: Promise<void>;
  readonly #http2: Http2Client;
  readonly #bulk: BulkTransferDetector;

  constructor(http2: Http2Client, { id, remote }: OpenSessionOptions) {
    this.#http2 = http2;
    this.#bulk = new BulkTransferDetector(http2.stats);
    this.id = id;
    this.remote = remote;
    this.done = http2.done;
  }

  get openExchanges(): number {
    // Those without a stream too: many at once must not all find it idle.
    return this.#http2.openStreams + this.#http2.openingRequests;
  }

  get acceptsExchanges(): boolean {
    return this.#http2.acceptsStreams;
  }

  get hasRoom(): boolean {
    return this.openExchanges < this.#http2.maxStreams;
  }

  get owesReply(): boolean {
    return this.#http2.owesReply;
  }

  get silence(): number {
    return this.#http2.silence;
  }

  check(): void {
    this.#http2.check();
  }

  get lag(): number {
    return this.#http2.lag;
  }

  carriesBulk(now: number): boolean {
    return this.#bulk.isBulk(now);
  }

  get stats(): SessionStats {
    return this.#http2.stats;
  }

  readonly handler = async (
    request: ProxyRequest,
    context: SessionContext,
  ): Promise<ProxyResponse> => {
    const stream = await this.#open(request, context);
    try {
      return await sendOnStream(stream, request, {
        codec: WIRE,
        inform: context.inform,
      });
    } catch (cause) {
      throw tunnelErrorOf(cause);
    }
  };

  async #open(
    request: ProxyRequest,
    context: SessionContext,
  ): Promise<Http2ClientStream> {
    const { signal, onClosed, isMovable = false } = context;
    try {
      const stream = await this.#http2.request(
        encodeRequest(request, context),
        {
          endStream: request.kind === "request" && request.body === undefined,
          signal,
        },
      );
      stream.isMovable = isMovable;
      if (onClosed) {
        void stream.closed.then(() => onClosed(isCut(stream)));
      }
      return stream;
    } catch (cause) {
      onClosed?.(false);
      throw tunnelErrorOf(cause, { isUnsent: true });
    }
  }

  async drain(): Promise<void> {
    await this.#http2.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http2[Symbol.asyncDispose]();
  }
}

/** Whether the far side, or the connection to it, ended a stream early. With NO_ERROR it only wants no more of the request. */
function isCut({ failure }: Http2ClientStream): boolean {
  return failure instanceof Http2Error && failure.initiator !== "local" &&
    failure.code !== ErrorCode.NO_ERROR;
}

const WIRE: ResponseCodec = {
  decodeResponse,
  encodeFields,
  decodeFields: (list) => readFields(list).fields,
};

function tunnelErrorOf(
  cause: unknown,
  { isUnsent = false }: { readonly isUnsent?: boolean } = {},
): unknown {
  if (!(cause instanceof Http2Error)) return cause;
  // The content of the request was malformed: nobody else is to blame.
  if (cause.cause instanceof Http1Error) return cause.cause;
  const { message, retryable } = cause;
  return new TunnelError(codeOf(cause), message, {
    ...{ retryable, isUnsent, cause },
  });
}

function codeOf(cause: Http2Error): TunnelErrorCode {
  if (cause instanceof StreamLimitError) return "full";
  const isLost = cause.scope === "connection" ||
    cause.initiator === "transport";
  if (isLost) return "lost";
  const isOnPurpose = cause.initiator === "peer" &&
    cause.code === ErrorCode.CANCEL;
  return isOnPurpose ? "aborted" : "reset";
}
