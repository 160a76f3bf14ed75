import { connectionError, ErrorCode } from "../errors.ts";
import { readUint32 } from "./frame_header.ts";

/** The largest flow-control window (RFC 9113 §6.9.1). */
export const MAX_WINDOW = 0x7fff_ffff;

/** The window of a stream and of a connection before any SETTINGS (RFC 9113 §6.9.2). */
export const INITIAL_WINDOW = 65_535;

/** The smallest limit on the length of frames (RFC 9113 §4.2). */
export const MIN_MAX_FRAME_SIZE = 16_384;

const MAX_MAX_FRAME_SIZE = 16_777_215;

/** Bytes of one setting on the wire: identifier and value. */
const ENTRY_SIZE = 6;

/** The settings of one side (RFC 9113 §6.5.2, RFC 8441 §3). */
export interface Http2Settings {
  /** Bytes of the HPACK dynamic table of its decoder. */
  readonly headerTableSize: number;
  /** Whether it accepts PUSH_PROMISE. */
  readonly enablePush: boolean;
  /** How many streams the other side may have open. */
  readonly maxConcurrentStreams: number;
  /** Bytes it accepts on a new stream before a WINDOW_UPDATE. */
  readonly initialWindowSize: number;
  /** The longest frame payload it accepts, in bytes. */
  readonly maxFrameSize: number;
  /** The largest field section it accepts: names, values and 32 bytes a line. */
  readonly maxHeaderListSize: number;
  /** Whether it accepts extended CONNECT (RFC 8441). */
  readonly enableConnectProtocol: boolean;
}

/** The values before the first SETTINGS frame. */
export const INITIAL_SETTINGS: Http2Settings = {
  headerTableSize: 4096,
  enablePush: true,
  maxConcurrentStreams: Infinity,
  initialWindowSize: INITIAL_WINDOW,
  maxFrameSize: MIN_MAX_FRAME_SIZE,
  maxHeaderListSize: Infinity,
  enableConnectProtocol: false,
};

const Id = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
  ENABLE_CONNECT_PROTOCOL: 0x8,
} as const;

/** The payload of a SETTINGS frame with those of `settings` that are set. */
export function encodeSettings(settings: Partial<Http2Settings>): Uint8Array {
  const entries: [id: number, value: number | boolean | undefined][] = [
    [Id.HEADER_TABLE_SIZE, settings.headerTableSize],
    [Id.ENABLE_PUSH, settings.enablePush],
    [Id.MAX_CONCURRENT_STREAMS, settings.maxConcurrentStreams],
    [Id.INITIAL_WINDOW_SIZE, settings.initialWindowSize],
    [Id.MAX_FRAME_SIZE, settings.maxFrameSize],
    [Id.MAX_HEADER_LIST_SIZE, settings.maxHeaderListSize],
    [Id.ENABLE_CONNECT_PROTOCOL, settings.enableConnectProtocol],
  ];
  const given = entries.filter(([, value]) => value !== undefined);
  const payload = new DataView(new ArrayBuffer(given.length * ENTRY_SIZE));
  given.forEach(([id, value], index) => {
    payload.setUint16(index * ENTRY_SIZE, id);
    payload.setUint32(index * ENTRY_SIZE + 2, Number(value));
  });
  return new Uint8Array(payload.buffer);
}

/**
 * The settings after `payload` has changed `before`.
 *
 * Only the last value of each setting counts. So a frame with thousands of
 * entries costs no more than its reading. `mayEnablePush` says that the peer is
 * a client.
 *
 * @throws {Http2Error} Of the connection, when a value is not allowed.
 */
export function decodeSettings(
  payload: Uint8Array,
  before: Http2Settings,
  { mayEnablePush = true }: { readonly mayEnablePush?: boolean } = {},
): Http2Settings {
  // "A SETTINGS frame with a length other than a multiple of 6 octets MUST be treated as a connection error of type FRAME_SIZE_ERROR" (§6.5)
  if (payload.length % ENTRY_SIZE !== 0) {
    throw connectionError(
      ErrorCode.FRAME_SIZE_ERROR,
      `Cannot read SETTINGS of ${payload.length} bytes: not a multiple of ${ENTRY_SIZE}`,
    );
  }
  const after = { ...before };
  const view = new DataView(
    payload.buffer,
    payload.byteOffset,
    payload.byteLength,
  );
  for (let at = 0; at < payload.length; at += ENTRY_SIZE) {
    const id = view.getUint16(at);
    const value = view.getUint32(at + 2);
    // "A client MUST treat receipt of a SETTINGS frame with SETTINGS_ENABLE_PUSH set to 1 as a connection error of type PROTOCOL_ERROR" (§6.5.2)
    if (id === Id.ENABLE_PUSH && value === 1 && !mayEnablePush) {
      throw invalid("ENABLE_PUSH", value);
    }
    applySetting(after, id, value);
  }
  return after;
}

/** The values of SETTINGS_HEADER_TABLE_SIZE in a valid payload, in order. */
export function* tableSizes(payload: Uint8Array): Generator<number> {
  for (let at = 0; at < payload.length; at += ENTRY_SIZE) {
    const id = (payload[at] ?? 0) << 8 | (payload[at + 1] ?? 0);
    if (id === Id.HEADER_TABLE_SIZE) yield readUint32(payload, at + 2);
  }
}

type Changing = {
  -readonly [Name in keyof Http2Settings]: Http2Settings[Name];
};

function applySetting(settings: Changing, id: number, value: number): void {
  switch (id) {
    case Id.HEADER_TABLE_SIZE:
      settings.headerTableSize = value;
      return;
    case Id.ENABLE_PUSH:
      settings.enablePush = asFlag("ENABLE_PUSH", value);
      return;
    case Id.MAX_CONCURRENT_STREAMS:
      settings.maxConcurrentStreams = value;
      return;
    case Id.INITIAL_WINDOW_SIZE:
      // "Values above the maximum flow-control window size of 2^31-1 MUST be treated as a connection error of type FLOW_CONTROL_ERROR" (§6.5.2)
      if (value > MAX_WINDOW) {
        throw invalid("INITIAL_WINDOW_SIZE", value, "FLOW_CONTROL_ERROR");
      }
      settings.initialWindowSize = value;
      return;
    case Id.MAX_FRAME_SIZE:
      if (value < MIN_MAX_FRAME_SIZE || value > MAX_MAX_FRAME_SIZE) {
        throw invalid("MAX_FRAME_SIZE", value);
      }
      settings.maxFrameSize = value;
      return;
    case Id.MAX_HEADER_LIST_SIZE:
      settings.maxHeaderListSize = value;
      return;
    case Id.ENABLE_CONNECT_PROTOCOL: {
      const enable = asFlag("ENABLE_CONNECT_PROTOCOL", value);
      // "a sender MUST NOT send a SETTINGS_ENABLE_CONNECT_PROTOCOL parameter with the value of 0 after previously sending a value of 1" (RFC 8441 §3)
      if (settings.enableConnectProtocol && !enable) {
        throw invalid("ENABLE_CONNECT_PROTOCOL", value);
      }
      settings.enableConnectProtocol = enable;
      return;
    }
    default:
      // "An endpoint that receives a SETTINGS frame with any unknown or unsupported identifier MUST ignore that setting" (§6.5.2)
      return;
  }
}

function asFlag(name: string, value: number): boolean {
  if (value > 1) throw invalid(name, value);
  return value === 1;
}

function invalid(
  name: string,
  value: number,
  code: "PROTOCOL_ERROR" | "FLOW_CONTROL_ERROR" = "PROTOCOL_ERROR",
): Error {
  return connectionError(
    ErrorCode[code],
    `Cannot apply SETTINGS_${name} "${value}": not an allowed value`,
  );
}
