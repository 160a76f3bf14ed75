/**
 * Waiting that ends: a test that hangs must say what it was waiting for.
 *
 * @module
 */

/** Long enough for a loaded machine with two cores, short enough to be read as a failure. */
export const PATIENCE = 20_000;

/**
 * Waits for `promise`, at most `ms` milliseconds.
 *
 * @param what Ends the sentence "Waited … for".
 * @throws When the time is up, naming `what`.
 */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  ms: number = PATIENCE,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Waited ${ms} ms for ${what}`)),
    ms,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
