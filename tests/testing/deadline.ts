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

/** Waits until `isTrue` says so, where nothing tells. */
export async function until(
  what: string,
  isTrue: () => boolean,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  const poll = setInterval(() => isTrue() && over.resolve(), 10);
  try {
    await within(over.promise, what);
  } finally {
    clearInterval(poll);
  }
}
