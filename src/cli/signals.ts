// The signals that stop the program: gracefully the first time, immediately the
// second time. And SIGHUP, which never stops it.
import { SYSTEM } from "../platform/system.ts";
import { EXIT } from "./exit_code.ts";

/**
 * Ctrl-C reaches every process of a terminal, and wrappers such as npx forward
 * it as well. The same signal within this time, in milliseconds, is a duplicate
 * of the same key press.
 */
const DUPLICATE_WINDOW = 300;

/** Listens for signals until it is disposed. */
export interface StopSignals extends Disposable {
  /** Aborted by the first signal; the reason names the signal. */
  readonly signal: AbortSignal;
  /** Resolves with the name of the first signal, in lower case: `sigterm`. */
  readonly received: Promise<string>;
}

/** A signal, and its arrival time in milliseconds on the monotonic clock. */
export interface Received {
  readonly name: Deno.Signal;
  readonly at: number;
}

/** What to do about a signal, given the first one before it. */
export function actionFor(
  next: Received,
  first: Received | undefined,
): "stop" | "ignore" | "exit" {
  if (first === undefined) return "stop";
  const isDuplicate = next.name === first.name &&
    next.at - first.at <= DUPLICATE_WINDOW;
  return isDuplicate ? "ignore" : "exit";
}

/** Listens for the signals that stop the program. */
export function stopSignals(): StopSignals {
  const stop = new AbortController();
  const received = Promise.withResolvers<string>();
  let first: Received | undefined;
  const removers = SYSTEM.stopSignals.map((name) =>
    onSignal(name, () => receive(name))
  );
  return {
    signal: stop.signal,
    received: received.promise,
    [Symbol.dispose]: () => removers.forEach((remove) => remove()),
  };

  function receive(name: Deno.Signal): void {
    const next = { name, at: performance.now() };
    const action = actionFor(next, first);
    if (action === "exit") Deno.exit(EXIT.interrupted);
    if (action === "ignore") return;
    first = next;
    stop.abort(new DOMException(`Stopped by ${name}`, "AbortError"));
    received.resolve(name.toLowerCase());
  }
}

/**
 * Calls `action` at every SIGHUP until disposed, which by itself would end the
 * program. Windows sends it when the console closes, which is the end.
 */
export function onHangUp(action: () => void): Disposable {
  if (!SYSTEM.hasHangUp) return { [Symbol.dispose]() {} };
  return { [Symbol.dispose]: onSignal("SIGHUP", action) };
}

/** Calls `listener` at every such signal. @returns What ends that. */
export function onSignal(name: Deno.Signal, listener: () => void): () => void {
  Deno.addSignalListener(name, listener);
  return () => Deno.removeSignalListener(name, listener);
}
