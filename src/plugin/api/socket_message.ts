/** One end of a WebSocket. */
export type SocketEnd = "browser" | "site";

/** What a WebSocket message has: a text, or bytes. */
export type SocketData = string | Uint8Array;

/** A message of a WebSocket, on its way from one end to the other. */
export interface SocketMessage {
  /** Who has sent it. */
  readonly from: SocketEnd;
  /** A text, or bytes. Assign another value, or change the bytes, to change what arrives. */
  data: SocketData;
  /**
   * Sends one more message, before this one arrives. To who has sent this one,
   * it is an answer. Other plugins do not see it.
   *
   * @throws {TypeError} When the hook has returned.
   */
  send(to: SocketEnd, data: SocketData): void;
}
