import type { Body } from "./exchange.ts";

/** How content ended: it was read to its end, it was cut short, or the rest was cancelled. */
export type BodyEnd = "whole" | "cut" | "unwanted";

/** Called what passes. Neither throws. */
export interface BodyTap {
  /** A piece has been read; it is valid during the call only. */
  onPiece(piece: Uint8Array): void;
  /** Nothing more will come; called once. */
  onEnd(end: BodyEnd): void;
}

/** The same content, observed. */
export function tapBody(body: Body, tap: BodyTap): Body {
  let hasEnded = false;
  return {
    length: body.length,
    get trailers() {
      return body.trailers;
    },
    async read(into) {
      try {
        const count = await body.read(into);
        if (count === null) end("whole");
        else tap.onPiece(into.subarray(0, count));
        return count;
      } catch (cause) {
        end("cut");
        throw cause;
      }
    },
    cancel(reason) {
      end("unwanted");
      body.cancel(reason);
    },
  };

  function end(how: BodyEnd): void {
    if (hasEnded) return;
    hasEnded = true;
    tap.onEnd(how);
  }
}
