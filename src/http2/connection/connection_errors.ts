/** Why a connection ends: the errors that its streams get. */
import {
  connectionError,
  ErrorCode,
  errorCodeName,
  Http2Error,
  type Http2ErrorCode,
  StreamLimitError,
} from "../errors.ts";

/** This side closed the connection. */
export function closedLocally(): Http2Error {
  return connectionError(
    ErrorCode.NO_ERROR,
    "Cannot use the connection: closed by this side",
  );
}

/** The peer was silent for too long. */
export function peerTimedOut(action: string, timeout: number): Http2Error {
  return new Http2Error(
    `Cannot use the connection: the peer did not ${action} in ${timeout} ms`,
    {
      code: ErrorCode.CANCEL,
      scope: "connection",
      initiator: "transport",
    },
  );
}

/** The peer sent GOAWAY with an error. */
export function closedByPeer(code: Http2ErrorCode): Http2Error {
  return new Http2Error(
    `Cannot use the connection: the peer closed it with ${errorCodeName(code)}`,
    { code, scope: "connection", initiator: "peer" },
  );
}

/** Reading frames failed: because of the socket, of what the peer sent, or of a defect here. */
export function readingFailed(error: unknown): Http2Error {
  if (error instanceof Http2Error) return error;
  return new Http2Error("Cannot use the connection: internal error", {
    code: ErrorCode.INTERNAL_ERROR,
    scope: "connection",
    initiator: "local",
    cause: error,
  });
}

/** No stream can be opened any more. */
export function noNewStreams(): Http2Error {
  return new Http2Error(
    "Cannot open a stream: the connection accepts no more, use another",
    {
      code: ErrorCode.REFUSED_STREAM,
      scope: "connection",
      initiator: "local",
    },
  );
}

/** A GOAWAY of the peer says that it has not processed this stream (§6.8). */
export function notProcessed(streamId: number): Http2Error {
  return new Http2Error(
    `Cannot use stream ${streamId}: the peer is closing and has not processed it, use another connection`,
    { code: ErrorCode.REFUSED_STREAM, scope: "stream", initiator: "peer" },
  );
}

/** The peer is silent, and another connection may be better. */
export function peerSilent(silence: number): Http2Error {
  return new Http2Error(
    `Cannot wait for the peer: it has not acknowledged PING for ${
      Math.round(silence)
    } ms`,
    { code: ErrorCode.CANCEL, scope: "stream", initiator: "transport" },
  );
}

/** The connection ended with `error` before the request was sent: another connection may take it. */
export function notSent(error: Http2Error): Http2Error {
  const { message, code, scope, initiator, limit } = error;
  return new Http2Error(message, {
    ...{ code, scope, initiator, cause: error },
    ...(limit !== undefined && { limit }),
    retryable: true,
  });
}

/** All streams that the peer allows were in use for `ms` milliseconds. */
export function noFreeStream(ms: number): StreamLimitError {
  return new StreamLimitError(
    `Cannot open a stream: all that the peer allows were in use for ${ms} ms`,
  );
}
