/**
 * Gives responses the speed of a slow network. 6250 bytes a second are 50
 * kbit/s, which is 2G:
 *
 * ```yaml
 * plugins:
 *   - use: ./throttle.ts
 *     match: { host: shop.example }
 *     options: { bytesPerSecond: 6250 }
 * ```
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Plugin } from "sallyport";

/** Pieces a second: often enough to look like a stream. */
const PIECES = 10;

export default {
  response(response, { options: { bytesPerSecond } }) {
    if (response.body === null) return;
    const size = Math.max(1, Math.floor(bytesPerSecond / PIECES));
    response.body = response.body.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        async transform(chunk, out) {
          for (let at = 0; at < chunk.length; at += size) {
            const piece = chunk.slice(at, at + size);
            await sleep(piece.length * 1000 / bytesPerSecond);
            out.enqueue(piece);
          }
        },
      }),
    );
  },
} satisfies Plugin<{ readonly bytesPerSecond: number }>;
