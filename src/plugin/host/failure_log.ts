import { TokenBucket } from "../../async/token_bucket.ts";
import { logger } from "../../log/log.ts";
import { PluginError } from "../api/errors.ts";
import type { CallName } from "../api/hook_names.ts";
import type { CallSubject } from "../running/call.ts";

/** Lines about one plugin: ten at once, then one in ten seconds. A busy site does not fill the log. */
const RATE = { burst: 10, perSecond: 0.1 } as const;

const log = logger("plugin");

/** A call that failed. */
export interface FailedCall {
  readonly hook: CallName;
  /** The exchange that it was for, if it was for one. */
  readonly exchange?: CallSubject | undefined;
  /** Whether it was for one of many chunks of a body. */
  readonly isBodyStep?: boolean | undefined;
}

/** Logs the failures of one plugin, and counts those that are too many to log. */
export class FailureLog {
  readonly #plugin: string;
  readonly #bucket: TokenBucket;
  #unlogged = 0;

  /** @param now Milliseconds of a monotonic clock. */
  constructor(plugin: string, now?: () => number) {
    this.#plugin = plugin;
    this.#bucket = new TokenBucket(RATE, now);
  }

  /**
   * Logs a failure, if there were not too many lately.
   *
   * @param isSkipped Whether the request goes on as if the plugin were not there.
   */
  add(
    { hook, exchange }: FailedCall,
    error: unknown,
    isSkipped = false,
  ): void {
    if (!this.#bucket.tryTake()) {
      this.#unlogged += 1;
      return;
    }
    const fields = {
      id: exchange?.id,
      plugin: this.#plugin,
      hook,
      location: error instanceof PluginError ? error.location : undefined,
      error,
      ...this.#takeUnlogged(),
    };
    if (isSkipped) {
      log.warn("hook failed, the request passes without it", fields);
    } else log.error("hook failed", fields);
  }

  /** Logs how many failures since the last line had none. */
  [Symbol.dispose](): void {
    if (this.#unlogged === 0) return;
    const plugin = this.#plugin;
    log.error("hooks failed", { plugin, ...this.#takeUnlogged() });
  }

  #takeUnlogged(): { readonly unlogged?: number } {
    const unlogged = this.#unlogged;
    this.#unlogged = 0;
    return unlogged === 0 ? {} : { unlogged };
  }
}
