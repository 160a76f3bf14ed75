/**
 * How much the peer may do that costs us and moves nothing: resets, settings,
 * pings, empty frames (RFC 9113 §10.5).
 *
 * @module
 */
import { overLimit } from "../errors.ts";
import type { RateLimit } from "../options.ts";
import type { Clock } from "../../async/clock.ts";
import { TokenBucket } from "../../async/token_bucket.ts";

/** The limits on the peer's conduct on one connection. */
export interface AbuseLimitsOptions {
  readonly resets: RateLimit;
  readonly settings: RateLimit;
  readonly idleFrames: RateLimit;
  readonly clock: Clock;
}

/** Counts what the peer does; ends the connection with ENHANCE_YOUR_CALM when it is too much. */
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

  /** SETTINGS that came. */
  get settingsReceived(): number {
    return this.#settingsReceived;
  }

  /** Frames that came and moved nothing. */
  get idleFramesReceived(): number {
    return this.#idleFramesReceived;
  }

  /** A stream of the peer was reset, by it or because of what it did. */
  onReset(): void {
    if (!this.#resets.tryTake()) throw overLimit("resets");
  }

  /** SETTINGS came. */
  onSettings(): void {
    this.#settingsReceived++;
    if (!this.#settings.tryTake()) throw overLimit("settings");
  }

  /** A frame came that moves nothing. */
  onIdleFrame(): void {
    this.#idleFramesReceived++;
    if (!this.#idleFrames.tryTake()) throw overLimit("idleFrames");
  }
}
