/**
 * Giving up waiting.
 *
 * @module
 */

/**
 * Waits for `promise` until `signal` is aborted; the work behind it goes on.
 *
 * @throws The signal's reason when it is aborted first.
 */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
