import { sleep } from "../async/timer.ts";
import type { TokenBucket } from "../async/token_bucket.ts";
import type { Body } from "./exchange.ts";

/**
 * The same content, read no faster than `bucket` allows.
 *
 * @param signal Ends a read that waits for tokens: the exchange is over.
 */
export function limitBody(
  body: Body,
  bucket: TokenBucket,
  signal: AbortSignal,
): Body {
  const unwanted = new AbortController();
  return {
    length: body.length,
    get trailers() {
      return body.trailers;
    },
    async read(into) {
      const count = await body.read(into.subarray(0, bucket.burst));
      if (count === null) return null;
      const wait = bucket.spend(count);
      if (wait > 0) {
        await sleep(wait, AbortSignal.any([signal, unwanted.signal]));
      }
      return count;
    },
    cancel(reason) {
      unwanted.abort(reason);
      body.cancel(reason);
    },
  };
}
