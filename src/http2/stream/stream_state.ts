/**
 * The states of a stream (RFC 9113 §5.1), without the reserved ones. We disable
 * push as a client and never push as a server.
 *
 * ```
 *              idle
 *               │ HEADERS, sent or received
 *               ▼
 *   ┌───────── open ─────────┐
 *   │ END_STREAM             │ END_STREAM
 *   │ received               │ sent
 *   ▼                        ▼
 * halfClosedRemote     halfClosedLocal
 *   │ END_STREAM             │ END_STREAM
 *   │ sent                   │ received
 *   └────────► closed ◄──────┘
 *                ▲
 *                └─ RST_STREAM, sent or received, in any state after idle
 * ```
 */

/** The state of a stream. Idle streams have no object. */
export type StreamState =
  | "open"
  | "halfClosedLocal"
  | "halfClosedRemote"
  | "closed";

/** The state after we have sent END_STREAM. */
export function afterLocalEnd(state: StreamState): StreamState {
  return state === "open" ? "halfClosedLocal" : "closed";
}

/** The state after the peer has sent END_STREAM. */
export function afterRemoteEnd(state: StreamState): StreamState {
  return state === "open" ? "halfClosedRemote" : "closed";
}

/** Whether we may send HEADERS and DATA. */
export function canSend(state: StreamState): boolean {
  return state === "open" || state === "halfClosedRemote";
}

/** Whether the peer may send HEADERS and DATA. */
export function canReceive(state: StreamState): boolean {
  return state === "open" || state === "halfClosedLocal";
}
