import { timer } from "../../async/timer.ts";
import type { Progress } from "../results/hooked_content.ts";

/**
 * Waits for `promise`, but no longer than `ms` milliseconds without progress.
 *
 * @param ms 0 means no limit.
 * @param progress When it has moved by then, the time begins again.
 * @param onSpent Called when the time is over.
 * @throws A `DOMException` called `TimeoutError` when the time is over.
 */
export async function withinBudget<T>(
  promise: Promise<T>,
  ms: number,
  progress: Progress | undefined,
  onSpent: () => void,
): Promise<T> {
  if (ms === 0) return await promise;
  const late = Promise.withResolvers<never>();
  let pending = timer(ms, check);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    pending[Symbol.dispose]();
  }

  function check(): void {
    if (progress?.hasMoved()) {
      pending = timer(ms, check);
      return;
    }
    late.reject(new DOMException("The time is over", "TimeoutError"));
    onSpent();
  }
}
