/**
 * How much the peer may do that costs us and moves nothing: resets, settings,
 * pings, empty frames (RFC 9113 §10.5).
 *
 * @module
 */
import { overLimit } from "../errors.ts";
import type { RateLimit } from "../options.ts";
import type { Clock } from "../../async/clock.ts";

/** A bucket of tokens: `burst` at the start, `perSecond` more each second. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#filledAt = clock.now();
  }

  /** Takes a token; `false` when there is none. The clock is asked only then. */
  take(): boolean {
    if (this.#tokens < 1) this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  #refill(): void {
    const now = this.#clock.now();
    const seconds = (now - this.#filledAt) / 1000;
    this.#filledAt = now;
    this.#tokens = Math.min(
      this.#limit.burst,
      this.#tokens + seconds * this.#limit.perSecond,
    );
  }
}

/** The limits on the peer's conduct on one connection. */
export interface AbuseLimitsOptions {
  readonly resets: RateLimit;
  readonly settings: RateLimit;
  readonly idleFrames: RateLimit;
  readonly clock: Clock;
}

/** Counts what the peer does; ends the connection with ENHANCE_YOUR_CALM when it is too much. */
export class AbuseLimits {
  readonly #resets: RateLimiter;
  readonly #settings: RateLimiter;
  readonly #idleFrames: RateLimiter;
  #settingsReceived = 0;
  #idleFramesReceived = 0;

  constructor({ resets, settings, idleFrames, clock }: AbuseLimitsOptions) {
    this.#resets = new RateLimiter(resets, clock);
    this.#settings = new RateLimiter(settings, clock);
    this.#idleFrames = new RateLimiter(idleFrames, clock);
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
    if (!this.#resets.take()) throw overLimit("resets");
  }

  /** SETTINGS came. */
  onSettings(): void {
    this.#settingsReceived++;
    if (!this.#settings.take()) throw overLimit("settings");
  }

  /** A frame came that moves nothing. */
  onIdleFrame(): void {
    this.#idleFramesReceived++;
    if (!this.#idleFrames.take()) throw overLimit("idleFrames");
  }
}
