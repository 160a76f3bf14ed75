/**
 * Everything that is fuzzed.
 *
 * @module
 */
import { HPACK_DECODER, HPACK_ROUND_TRIP } from "./hpack.ts";
import { HTTP1_HEADS, HTTP1_SERVER } from "./http1.ts";
import { HTTP2_ANSWERS, HTTP2_BYTES, HTTP2_FRAMES } from "./http2.ts";
import type { FuzzTarget } from "./target.ts";
import { WEBSOCKET_MESSAGES } from "./websocket.ts";

/** All targets. */
export const TARGETS: readonly FuzzTarget[] = [
  HPACK_DECODER,
  HPACK_ROUND_TRIP,
  HTTP2_FRAMES,
  HTTP2_BYTES,
  HTTP2_ANSWERS,
  HTTP1_HEADS,
  HTTP1_SERVER,
  WEBSOCKET_MESSAGES,
];
