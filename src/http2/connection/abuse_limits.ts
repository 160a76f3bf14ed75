import type { Clock } from "../../async/clock.ts";
import { overLimit } from "../errors.ts";
import type { RateLimit } from "../options.ts";

/** A token bucket: `burst` tokens at the start, `perSecond` more each second. */
class RateLimiter {
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

  /** Takes a token; `false` when there is none. The time is read only then. */
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
    if (!this.#resets.take()) throw overLimit("resets");
  }

  /** SETTINGS were received. */
  onSettings(): void {
    this.#settingsReceived++;
    if (!this.#settings.take()) throw overLimit("settings");
  }

  /** A frame was received that carries no work. */
  onIdleFrame(): void {
    this.#idleFramesReceived++;
    if (!this.#idleFrames.take()) throw overLimit("idleFrames");
  }
}
