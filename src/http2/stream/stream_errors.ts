/** The errors that end a stream; most are caused by the peer. */
import {
  ErrorCode,
  errorCodeName,
  Http2Error,
  type Http2ErrorCode,
  streamError,
} from "../errors.ts";
import { type FrameHeader, frameName } from "../frames/frame_header.ts";
import type { HpackError } from "../hpack/errors.ts";

/** This side has reset the stream. */
export function resetLocally(
  streamId: number,
  code: Http2ErrorCode,
  cause: unknown,
): Http2Error {
  return new Http2Error(
    `Cannot use stream ${streamId}: reset by this side with ${
      errorCodeName(code)
    }`,
    { code, scope: "stream", initiator: "local", cause },
  );
}

/** The stream's state does not allow what its user does. */
export function cannotSend(state: string): TypeError {
  return new TypeError(`Cannot send on the stream: ${state}`);
}

/** The peer has ended its half of the stream, or the whole. */
export function notOpen({ type, streamId }: FrameHeader): Http2Error {
  return streamError(
    ErrorCode.STREAM_CLOSED,
    `Cannot accept ${
      frameName(type)
    } on stream ${streamId}: the peer has ended it`,
  );
}

/**
 * A priority that makes a stream depend on itself. RFC 9113 no longer defines
 * priorities, but this one was always an error.
 */
export function dependsOnItself(streamId: number): Http2Error {
  return streamError(
    ErrorCode.PROTOCOL_ERROR,
    `Cannot make stream ${streamId} depend on itself`,
  );
}

/** "A PRIORITY frame with a length other than 5 octets MUST be treated as a stream error of type FRAME_SIZE_ERROR" (§6.3) */
export function wrongPriority(length: number): Http2Error {
  return streamError(
    ErrorCode.FRAME_SIZE_ERROR,
    `Cannot accept PRIORITY of ${length} bytes`,
  );
}

/** The fields exceed our SETTINGS_MAX_HEADER_LIST_SIZE (§6.5.2). */
export function tooLarge(cause: HpackError): Http2Error {
  return streamError(ErrorCode.ENHANCE_YOUR_CALM, cause.message, {
    cause,
    limit: "fieldSection",
  });
}
