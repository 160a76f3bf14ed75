import type { Http2ClientStream } from "../api.ts";
import { ErrorCode, streamError } from "../errors.ts";
import { asCallerError, checkRequest } from "../stream/message_validation.ts";
import type { Stream, StreamRequest } from "../stream/stream.ts";
import type { ConnectionState } from "./connection_state.ts";

/** Options of a new request. */
export interface OpenRequestOptions {
  readonly connection: ConnectionState;
  /** The request has no content. */
  readonly endStream?: boolean;
  /** Resets the stream when aborted. */
  readonly signal?: AbortSignal;
  /** Resolves when the peer's first SETTINGS have been applied. */
  readonly ready: Promise<void>;
  /** Throws when the connection takes no more streams. */
  checkOpen(): void;
}

/** Opens a stream with a request. Waits while the peer's limit of streams is reached. */
export async function openRequest(
  fields: readonly string[],
  { connection, endStream = false, signal, ready, checkOpen }:
    OpenRequestOptions,
): Promise<Http2ClientStream> {
  connection.openingRequests += 1;
  try {
    checkOpen();
    const validated = asCallerError(() =>
      checkRequest(fields, { enableConnectProtocol: true })
    );
    if (validated.protocol !== undefined) {
      await checkExtendedConnect(connection, ready);
    }
    await connection.concurrency.acquire(signal);
    try {
      checkOpen();
      checkQueue(connection);
      connection.checkFields(fields);
      signal?.throwIfAborted();
    } catch (error) {
      connection.concurrency.release();
      throw error;
    }
    const stream = openStream(connection, {
      fields: [...fields],
      validated,
      endStream,
    });
    if (signal !== undefined) resetOnAbort(stream, signal);
    return stream;
  } finally {
    // In the turn that makes the stream, so that no request counts twice.
    connection.openingRequests -= 1;
  }
}

/** "Upon receipt of SETTINGS_ENABLE_CONNECT_PROTOCOL with a value of 1, a client MAY use the Extended CONNECT" (RFC 8441 §3): not before. */
async function checkExtendedConnect(
  connection: ConnectionState,
  ready: Promise<void>,
): Promise<void> {
  await ready;
  if (connection.peerSettings.enableConnectProtocol) return;
  throw streamError(
    ErrorCode.PROTOCOL_ERROR,
    "Cannot send extended CONNECT: the peer has not enabled it",
  );
}

/** Requests for a peer that does not read would all have to be kept here. */
function checkQueue({ writer, options }: ConnectionState): void {
  if (writer.output.queuedBytes <= options.maxQueuedBytes) return;
  throw streamError(
    ErrorCode.REFUSED_STREAM,
    "Cannot open a stream: the peer does not read, use another connection",
  );
}

function openStream(
  connection: ConnectionState,
  request: StreamRequest,
): Stream {
  const stream = connection.createStream(connection.streams.takeId(), request);
  stream.sentFrom = connection.writer.output.position;
  connection.sendFields(stream.id, request.fields, request.endStream);
  if (request.endStream) stream.endRequest();
  connection.liveness?.workSent();
  return stream;
}

function resetOnAbort(stream: Stream, signal: AbortSignal): void {
  const reset = () => stream.reset(ErrorCode.CANCEL, signal.reason);
  signal.addEventListener("abort", reset, { once: true });
  stream.onceClosed(() => signal.removeEventListener("abort", reset));
}
