/**
 * The passing of time, so that tests can bring their own.
 *
 * @module
 */
import { timer } from "../async/timer.ts";

/** A clock with an alarm. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls `action` once after `delay` milliseconds unless disposed before. */
  after(delay: number, action: () => void): Disposable;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: timer,
};
