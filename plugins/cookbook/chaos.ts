/**
 * Makes a network bad in the same way each time: by a seed, some requests fail,
 * some are late, some lose their connection.
 *
 * ```yaml
 * plugins:
 *   - use: ./chaos.ts
 *     match: { host: api.example }
 *     options: { seed: 7, fail: 0.1, reset: 0.05, delay: 0.2, milliseconds: 800 }
 * ```
 *
 * What happens depends on the seed, the request and how often it came before.
 * So a test that failed fails again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Plugin } from "sallyport";

interface Options {
  readonly seed: number;
  /** Shares of the requests, from 0 to 1. */
  readonly fail?: number;
  readonly reset?: number;
  readonly delay?: number;
  readonly milliseconds?: number;
}

const seen = new Map<string, number>();
/** A test run has fewer different requests. */
const MAX_SEEN = 10_000;

export default {
  async request({ method, url }, { options, abort, signal, log }) {
    const { seed, fail = 0, reset = 0, delay = 0, milliseconds = 1_000 } =
      options;
    const key = `${method} ${url.href}`;
    const times = seen.get(key) ?? 0;
    if (seen.size < MAX_SEEN || times > 0) seen.set(key, times + 1);
    const chance = randomOf(`${seed} ${times} ${key}`);
    if (chance < fail) {
      return new Response("Chaos: this request fails", { status: 503 });
    }
    if (chance < fail + reset) {
      log.info("connection is reset", { url: url.href });
      abort();
    }
    if (chance < fail + reset + delay) {
      await sleep(milliseconds, undefined, { signal });
    }
  },
} satisfies Plugin<Options>;

/** A number from 0 up to 1 that a text always has (FNV-1a, then mixed). */
function randomOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
