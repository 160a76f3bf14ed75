/**
 * Runs a part until somebody or something ends it.
 *
 * @module
 */
import type { Context } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import type { Stoppable } from "./parts.ts";
import { stopSignals } from "./signals.ts";

/**
 * Starts a part, waits for a signal or for its end, and stops it in order.
 *
 * @returns The exit code.
 * @throws What `start` throws, unless a signal stopped the start.
 */
export async function runService(
  start: (signal: AbortSignal) => Promise<Stoppable>,
  { complain }: Context,
): Promise<number> {
  using signals = stopSignals();
  const part = await unlessStopped(start, signals.signal);
  if (part === undefined) return EXIT.done;
  await using _part = part;
  return await untilEnd(part, signals.received, complain);
}

async function unlessStopped(
  start: (signal: AbortSignal) => Promise<Stoppable>,
  signal: AbortSignal,
): Promise<Stoppable | undefined> {
  try {
    return await start(signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function untilEnd(
  part: Stoppable,
  received: Promise<string>,
  complain: Context["complain"],
): Promise<number> {
  try {
    const reason = await Promise.race([part.done, received]);
    if (reason !== undefined) await part.stop(reason);
    return EXIT.done;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return exitCodeOf(error, EXIT.ended);
  }
}
