/**
 * What a stream is given by its connection.
 *
 * @module
 */
import type { FrameWriter } from "./frame_writer.ts";
import type { RequestHead } from "./header_rules.ts";
import type { ReceiveWindow } from "./receive_window.ts";
import type { SendScheduler } from "./send_scheduler.ts";
import type { Slabs } from "./slabs.ts";

/** How a stream ended: that decides what a late frame on it means (§5.1). */
export type Ending = "ended" | "resetByUs" | "resetByPeer";

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly writer: FrameWriter;
  readonly scheduler: SendScheduler;
  readonly slabs: Slabs;
  /**
   * Checks that the peer takes so many fields.
   *
   * @throws {Http2Error} Of the stream, when it does not.
   */
  checkFields(fields: readonly string[]): void;
  /** Encodes and sends fields, at once: the order of field blocks is the order of the calls. */
  sendFields(
    streamId: number,
    fields: readonly string[],
    endStream: boolean,
  ): void;
  /** Content of `length` bytes is taken by its reader or given up. */
  onTaken(length: number): void;
  /** Tells the peer that it may send `increment` bytes more on a stream. */
  raiseStreamWindow(streamId: number, increment: number): void;
  /** The stream has ended: nothing more is sent or expected on it. */
  onEnded(streamId: number, ending: Ending): void;
}

/** With what a stream begins. */
export interface StreamOptions {
  readonly role: "client" | "server";
  readonly id: number;
  /** The request, received or about to be sent. */
  readonly fields: string[];
  readonly head: RequestHead;
  readonly endStream: boolean;
  /** What the peer takes at the start, in bytes. */
  readonly sendWindow: number;
  readonly receiveWindow: ReceiveWindow;
}
