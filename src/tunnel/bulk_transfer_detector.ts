/**
 * Whether a session carries content in bulk: told by how large its frames are,
 * which says the same on a fast line and on a slow one.
 */
import type { Http2Stats } from "../http2/api.ts";

/** Milliseconds between two looks: soon enough for a click beside a download that has just begun. */
const INTERVAL = 100;
/** Bytes between two looks below which nothing is bulk: a slow line's worth. */
const MIN_BYTES = 64 * 1024;
/** Bytes for each frame that came: requests and responses have a few hundred, content that streams ten thousand and more. */
const BULKY_FRAME = 4 * 1024;

/** Looks at the numbers of one connection from time to time. */
export class BulkTransferDetector {
  readonly #stats: Pick<
    Http2Stats,
    "bytesReceived" | "bytesSent" | "framesReceived"
  >;
  #lookedAt = -Infinity;
  #bytes = 0;
  #frames = 0;
  #isBulk = false;

  constructor(
    stats: Pick<
      Http2Stats,
      "bytesReceived" | "bytesSent" | "framesReceived"
    >,
  ) {
    this.#stats = stats;
  }

  /** Whether content in bulk has passed lately, in either direction; `now` in milliseconds. */
  isBulk(now: number): boolean {
    if (now - this.#lookedAt < INTERVAL) return this.#isBulk;
    const { bytesReceived, bytesSent, framesReceived } = this.#stats;
    const bytes = bytesReceived + bytesSent - this.#bytes;
    const frames = framesReceived - this.#frames;
    this.#lookedAt = now;
    this.#bytes += bytes;
    this.#frames += frames;
    this.#isBulk = bytes >= MIN_BYTES && bytes >= frames * BULKY_FRAME;
    return this.#isBulk;
  }
}
