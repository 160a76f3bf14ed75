/**
 * Waits for `promise` until `signal` is aborted; the work behind it goes on.
 *
 * @param signal Without one, waits for as long as it takes.
 * @throws The signal's reason when it is aborted first.
 */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await promise;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    // Even when it is too late: a failure of `promise` has to have a taker.
    return await Promise.race([aborted.promise, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
