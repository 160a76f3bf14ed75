/** What passes in one direction of a WebSocket, without its frames. */
import { protocolError } from "../errors.ts";

/** A message, or a control frame, which may stand between the fragments of one. */
export type Item = WebSocketMessage | ControlItem;

/** A text, or bytes. */
export interface WebSocketMessage {
  readonly kind: "message";
  readonly data: string | Uint8Array;
  /** The text in UTF-8, where it is known already. */
  readonly encoded?: Uint8Array | undefined;
  /** Whether its sender compressed it: then we do. */
  readonly isCompressed: boolean;
}

/** A control frame. */
export interface ControlItem {
  readonly kind: "close" | "ping" | "pong";
  /** At most 125 bytes; of a close frame valid. */
  readonly payload: Uint8Array;
}

/** Why a WebSocket was closed. */
export interface Closing {
  /** `undefined` when the frame has no code. */
  readonly code: number | undefined;
  readonly reason: string;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Bytes of a reason: what a control frame has, less the code. */
const MAX_REASON = 123;

/**
 * Text that was sent as UTF-8, a byte order mark included.
 *
 * @returns `undefined` when it is not UTF-8.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Text as UTF-8. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * Reads the payload of a close frame (RFC 6455 §5.5.1).
 *
 * @throws {WebSocketError} When it is not valid.
 */
export function parseClosing(payload: Uint8Array): Closing {
  const [high, low] = payload;
  if (high === undefined) return { code: undefined, reason: "" };
  if (low === undefined) throw protocolError("a close frame has half a code");
  const code = high * 256 + low;
  if (!isSentCode(code)) throw protocolError(`close code ${code} is not valid`);
  const reason = decodeText(payload.subarray(2));
  if (reason === undefined) {
    throw protocolError("the reason of a close frame is not UTF-8");
  }
  return { code, reason };
}

/** The payload of a close frame. A long reason is cut between two characters. */
export function closingPayload(code: number, reason: string): Uint8Array {
  const payload = new Uint8Array(2 + MAX_REASON);
  new DataView(payload.buffer).setUint16(0, code);
  const { written } = encoder.encodeInto(reason, payload.subarray(2));
  return payload.subarray(0, 2 + written);
}

/** Codes that may stand in a frame (RFC 6455 §7.4): not those that only stand for what happened. */
function isSentCode(code: number): boolean {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 &&
    code !== 1006;
}
