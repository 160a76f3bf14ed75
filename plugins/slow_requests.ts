/**
 * Makes a site slow, to see what its pages do meanwhile. At the end, it logs how
 * many requests had to wait:
 *
 * ```yaml
 * plugins:
 *   slow_requests:
 *     host: cdn.example
 *     milliseconds: 2000
 * ```
 */
import type { Plugin } from "./sallyport_plugin.d.ts";

interface Options {
  readonly host?: string;
  /** Less than the time limit of a hook, which is 5 seconds. */
  readonly milliseconds?: number;
}

let delayed = 0;
let finish = () => {};

export default {
  setup({ log }) {
    finish = () => log.info("requests were delayed", { delayed });
  },

  async request({ url }, { options, signal }) {
    const { host = "cdn.example", milliseconds = 1_000 } = options;
    if (url.hostname !== host) return;
    delayed += 1;
    await sleep(milliseconds, signal);
  },

  response(_response, { url }, { options: { host = "cdn.example" } }) {
    if (url.hostname !== host) return;
    return { headers: { "Server-Timing": `delay;desc="request ${delayed}"` } };
  },

  [Symbol.asyncDispose]() {
    finish();
  },
} satisfies Plugin<Options>;

/** Ends early when the browser has gone. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
