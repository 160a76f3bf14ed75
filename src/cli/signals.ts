/**
 * The signals that stop the program: the first asks it to stop, a second one
 * stops it at once.
 *
 * @module
 */
import { EXIT } from "./exit_code.ts";

/** Windows has no SIGQUIT; there, Ctrl-Break is what comes nearest. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGTERM", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGQUIT"];

/**
 * Ctrl-C reaches every process of a terminal, and wrappers such as npx pass it
 * on as well: the same signal again within this time, in milliseconds, is the
 * same press of the key.
 */
const ECHO = 300;

/** Signals being listened to; disposing stops that. */
export interface StopSignals extends Disposable {
  /** Aborted by the first signal; the reason names the signal. */
  readonly signal: AbortSignal;
  /** Resolves with the name of the first signal, in lower case: `sigterm`. */
  readonly received: Promise<string>;
}

/** A signal, and when it came, in milliseconds on the monotonic clock. */
export interface Received {
  readonly name: Deno.Signal;
  readonly at: number;
}

/** What a signal means, given the first one that came before it. */
export function meaningOf(
  next: Received,
  first: Received | undefined,
): "stop" | "echo" | "exit" {
  if (first === undefined) return "stop";
  const isEcho = next.name === first.name && next.at - first.at <= ECHO;
  return isEcho ? "echo" : "exit";
}

/** Listens for the signals that stop the program. */
export function stopSignals(): StopSignals {
  const stop = new AbortController();
  const received = Promise.withResolvers<string>();
  let first: Received | undefined;
  const removers = SIGNALS.map((name) => onSignal(name, () => receive(name)));
  return {
    signal: stop.signal,
    received: received.promise,
    [Symbol.dispose]: () => removers.forEach((remove) => remove()),
  };

  function receive(name: Deno.Signal): void {
    const next = { name, at: performance.now() };
    const meaning = meaningOf(next, first);
    if (meaning === "exit") Deno.exit(EXIT.interrupted);
    if (meaning === "echo") return;
    first = next;
    stop.abort(new DOMException(`Stopped by ${name}`, "AbortError"));
    received.resolve(name.toLowerCase());
  }
}

function onSignal(name: Deno.Signal, listener: () => void): () => void {
  Deno.addSignalListener(name, listener);
  return () => Deno.removeSignalListener(name, listener);
}
