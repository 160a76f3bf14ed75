/**
 * Makes a site slow, to see what its pages do meanwhile, and says in each
 * response for how long:
 *
 * ```yaml
 * plugins:
 *   - use: ./plugins/slow_requests.ts
 *     options:
 *       host: cdn.example
 *       milliseconds: 2000
 * ```
 */
import type { Plugin } from "sallyport";

interface Options {
  readonly host?: string;
  /** Less than the time limit of a hook, which is 5 seconds. */
  readonly milliseconds?: number;
}

/** What the hooks of one request share. */
interface State {
  startedAt: number;
}

let delayed = 0;
let finish = () => {};

export default {
  setup({ log }) {
    finish = () => log.info("requests were delayed", { delayed });
  },

  async request({ url }, { options, signal, state }) {
    const { host = "cdn.example", milliseconds = 1_000 } = options;
    if (url.hostname !== host) return;
    delayed += 1;
    state.startedAt = performance.now();
    await sleep(milliseconds, signal);
  },

  response({ headers }, { state: { startedAt } }) {
    if (startedAt === undefined) return;
    const duration = Math.round(performance.now() - startedAt);
    headers.set("Server-Timing", `delay;dur=${duration}`);
  },

  [Symbol.asyncDispose]() {
    finish();
  },
} satisfies Plugin<Options, State>;

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
