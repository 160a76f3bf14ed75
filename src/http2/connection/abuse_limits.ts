import type { Clock } from "../../async/clock.ts";
import { overLimit } from "../errors.ts";
import type { RateLimit } from "../options.ts";
import { TokenBucket } from "../../async/token_bucket.ts";

/** The limits of one connection. */
export interface AbuseLimitsOptions {
  readonly resets: RateLimit;
  readonly settings: RateLimit;
  readonly idleFrames: RateLimit;
  readonly clock: Clock;
}

/**
 * Limits what the peer may do that costs us work and carries none: resets,
 * SETTINGS, PING, empty frames (RFC 9113 §10.5). Exceeding a limit ends the
 * connection with ENHANCE_YOUR_CALM.
 */
export class AbuseLimits {
  readonly #resets: TokenBucket;
  readonly #settings: TokenBucket;
  readonly #idleFrames: TokenBucket;
  #settingsReceived = 0;
  #idleFramesReceived = 0;

  constructor({ resets, settings, idleFrames, clock }: AbuseLimitsOptions) {
    const now = () => clock.now();
    this.#resets = new TokenBucket(resets, now);
    this.#settings = new TokenBucket(settings, now);
    this.#idleFrames = new TokenBucket(idleFrames, now);
  }

  /** SETTINGS frames received. */
  get settingsReceived(): number {
    return this.#settingsReceived;
  }

  /** Frames received that carry no work. */
  get idleFramesReceived(): number {
    return this.#idleFramesReceived;
  }

  /** A stream of the peer was reset, by the peer or because of its error. */
  onReset(): void {
    if (!this.#resets.tryTake()) throw overLimit("resets");
  }

  /** SETTINGS were received. */
  onSettings(): void {
    this.#settingsReceived++;
    if (!this.#settings.tryTake()) throw overLimit("settings");
  }

  /** A frame was received that carries no work. */
  onIdleFrame(): void {
    this.#idleFramesReceived++;
    if (!this.#idleFrames.tryTake()) throw overLimit("idleFrames");
  }
}
