// Signals while a command runs: they belong to the command.
import { onSignal } from "../signals.ts";

/** The signals that are passed on, with their numbers. Windows has only the first and Ctrl-Break. */
const NUMBERS: Readonly<Partial<Record<Deno.Signal, number>>> =
  Deno.build.os === "windows" ? { SIGINT: 2, SIGBREAK: 21 } : {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGTERM: 15,
  };

/** The signals of keys. A terminal sends them to the command, too. */
const OF_KEYS: readonly string[] = ["SIGINT", "SIGQUIT", "SIGBREAK"];

/** Takes the signals that this process gets, until it is disposed. */
export interface CommandSignals extends Disposable {
  /** Aborted by the first signal that comes before `passTo()`. */
  readonly early: AbortSignal;
  /** The exit code after the first signal: 128 + its number; `undefined` before. */
  readonly exitCode: number | undefined;
  /** Passes signals on from now on, those that came before first. */
  passTo(receiver: (signal: Deno.Signal) => void): void;
}

/** @param isTerminal Whether a terminal sends the signals of its keys to the command by itself. */
export function commandSignals(
  isTerminal: boolean = Deno.stdin.isTerminal() || Deno.stderr.isTerminal(),
): CommandSignals {
  const early = new AbortController();
  let exitCode: number | undefined;
  let receiver: ((signal: Deno.Signal) => void) | undefined;
  /** A command may be about to start when they come. */
  const waiting: Deno.Signal[] = [];
  const pass = (signal: Deno.Signal) => {
    if (!isTerminal || !OF_KEYS.includes(signal)) receiver?.(signal);
  };
  const removers = Object.entries(NUMBERS).map(([name, number]) => {
    const signal = name as Deno.Signal;
    return onSignal(signal, () => {
      exitCode ??= 128 + number;
      if (receiver !== undefined) return pass(signal);
      waiting.push(signal);
      early.abort();
    });
  });
  return {
    early: early.signal,
    get exitCode() {
      return exitCode;
    },
    passTo(next) {
      receiver = next;
      for (const signal of waiting.splice(0)) pass(signal);
    },
    [Symbol.dispose]: () => removers.forEach((remove) => remove()),
  };
}
