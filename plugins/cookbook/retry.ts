/**
 * Hides short failures of a test environment: a GET that ends with 502, 503 or
 * 504 is sent again, up to three times.
 *
 * ```yaml
 * plugins:
 *   - use: ./retry.ts
 *     match: { host: shop.example }
 *     allow: { net: [shop.example] }
 * ```
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Plugin } from "sallyport";

const AGAIN = new Set([502, 503, 504]);
const TRIES = 3;
/** In milliseconds. Hooks have 5 s in all. */
const PAUSE = 100;

export default {
  match: { method: "GET" },
  async response({ status }, { request, fetch, signal, log }) {
    let found = status;
    for (let at = 1; AGAIN.has(found) && at <= TRIES; at += 1) {
      await sleep(PAUSE * at, undefined, { signal });
      log.info("sent again", { status: found, try: at });
      const response = await fetch(request, { signal });
      if (!AGAIN.has(response.status) || at === TRIES) return response;
      await response.body?.cancel();
      found = response.status;
    }
  },
} satisfies Plugin;
