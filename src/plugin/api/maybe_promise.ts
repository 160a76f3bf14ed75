/*
 * Results that are there at once, or later. A hook that does not wait costs no
 * turn of the event loop.
 */

/** A result, now or later. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether `value` has to be waited for. */
export function isPending<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Whether a plugin returned a value that `await` would wait for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
