/**
 * Notices a peer that has gone without a word: a cut cable and a sleeping
 * laptop send no FIN.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** What a keepalive asks and tells. */
export interface KeepaliveOptions {
  /** Milliseconds between PINGs. */
  readonly interval: number;
  /** Milliseconds of silence after a PING that mean death. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Bytes received so far: any byte is a sign of life, an answer can be behind many. */
  bytesReceived(): number;
  ping(): void;
  onDead(): void;
}

/** Begins to ask regularly, until disposed. */
export function startKeepalive(options: KeepaliveOptions): Disposable {
  const { interval, timeout, clock, bytesReceived, ping, onDead } = options;
  let timer = clock.after(interval, ask);

  function ask(): void {
    const before = bytesReceived();
    ping();
    timer = clock.after(timeout, () => {
      if (bytesReceived() === before) return onDead();
      timer = clock.after(Math.max(0, interval - timeout), ask);
    });
  }

  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
