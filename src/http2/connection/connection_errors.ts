/** Why a connection ends: the errors that its streams get. */
import {
  connectionError,
  ErrorCode,
  errorCodeName,
  Http2Error,
  type Http2ErrorCode,
} from "../errors.ts";

/** This side closed the connection. */
export function closedLocally(): Http2Error {
  return connectionError(
    ErrorCode.NO_ERROR,
    "Cannot go on with the connection: closed here",
  );
}

/** The peer was silent for too long. */
export function peerTimedOut(action: string, timeout: number): Http2Error {
  return new Http2Error(
    `Cannot go on with the connection: the peer did not ${action} in ${timeout} ms`,
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
    `Cannot go on with the connection: the peer ended it with ${
      errorCodeName(code)
    }`,
    { code, scope: "connection", initiator: "peer" },
  );
}

/** Reading frames failed: because of the socket, of what the peer sent, or of a defect here. */
export function readingFailed(error: unknown): Http2Error {
  if (error instanceof Http2Error) return error;
  return new Http2Error("Cannot go on with the connection: a defect here", {
    code: ErrorCode.INTERNAL_ERROR,
    scope: "connection",
    initiator: "local",
    cause: error,
  });
}

/** No stream can be opened any more. */
export function noNewStreams(): Http2Error {
  return new Http2Error(
    "Cannot open a stream: the connection takes no more, use another",
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
    `Cannot go on with stream ${streamId}: the peer is leaving and has not begun with it, use another connection`,
    { code: ErrorCode.REFUSED_STREAM, scope: "stream", initiator: "peer" },
  );
}
