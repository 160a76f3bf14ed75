import { timer } from "./timer.ts";

/** Gives the time and calls back later. */
export interface Clock {
  /** Milliseconds since 1970; of {@linkcode monotonicClock}, since the program began. */
  now(): number;
  /** Calls `action` once after `ms` milliseconds unless disposed before. */
  timer(ms: number, action: () => void): Disposable;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now(), timer };

/** A clock that never goes back, for measuring how long something takes. */
export const monotonicClock: Clock = { now: () => performance.now(), timer };
