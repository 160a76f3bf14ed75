/**
 * A signal of which one sees whether anybody still listens to it.
 *
 * @module
 */

/** A signal, and how many listeners it has now. */
export interface CountedSignal {
  readonly signal: AbortSignal;
  readonly listeners: number;
}

/** Makes a signal that is never aborted and counts its listeners. */
export function countedSignal(): CountedSignal {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  return {
    signal,
    get listeners() {
      return listeners;
    },
  };
}
