import { type Clock, monotonicClock } from "./clock.ts";

/** Time between two measurements, in milliseconds: work that holds the event loop for this long is always seen. */
export const LAG_INTERVAL = 500;

/**
 * Measures how late the event loop is, until disposed: by how much a timer is
 * called after its time. All requests wait that long.
 *
 * @param onLag Called with seconds, {@linkcode LAG_INTERVAL} apart.
 */
export function measureLoopLag(
  onLag: (seconds: number) => void,
  clock: Clock = monotonicClock,
): Disposable {
  let timer: Disposable;
  function schedule(): void {
    const due = clock.now() + LAG_INTERVAL;
    timer = clock.timer(LAG_INTERVAL, () => {
      onLag(Math.max(0, clock.now() - due) / 1000);
      schedule();
    });
  }
  schedule();
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
