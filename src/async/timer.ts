/**
 * Calls `action` once after `ms` milliseconds unless it is disposed before.
 *
 * @param ms 0 to 2^31 - 1; more is cut to that (24 days).
 */
export function timer(ms: number, action: () => void): Disposable {
  const id = setTimeout(action, Math.min(ms, 2 ** 31 - 1));
  return { [Symbol.dispose]: () => clearTimeout(id) };
}

/**
 * Resolves after `ms` milliseconds.
 *
 * @throws The signal's reason, at once, when `signal` is aborted.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal?.aborted) return Promise.reject(signal.reason);
  const pending = timer(ms, finish);
  signal?.addEventListener("abort", abort, { once: true });
  return promise;

  function finish(): void {
    signal?.removeEventListener("abort", abort);
    resolve();
  }
  function abort(): void {
    pending[Symbol.dispose]();
    reject(signal?.reason);
  }
}

/**
 * Waits for `promise`, but not longer than `ms` milliseconds.
 *
 * The work behind `promise` goes on: give it a signal or close what it waits
 * for, best in `onTimeout`.
 *
 * @param ms 0 means no limit.
 * @throws A `DOMException` called `TimeoutError` when the time is over.
 */
export async function deadline<T>(
  promise: Promise<T>,
  ms: number,
  onTimeout?: () => void,
): Promise<T> {
  if (ms === 0) return await promise;
  const late = Promise.withResolvers<never>();
  using _pending = timer(ms, () => {
    late.reject(
      new DOMException(`Cannot wait longer than ${ms} ms`, "TimeoutError"),
    );
    onTimeout?.();
  });
  return await Promise.race([promise, late.promise]);
}
