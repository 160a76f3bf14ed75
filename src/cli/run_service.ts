import type { Context } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import type { Service } from "./services.ts";
import { onHangUp, type StopSignals } from "./signals.ts";

/**
 * Starts a service, waits for a signal or for its end, and stops it gracefully.
 * At SIGHUP it reads its files again.
 *
 * @param signals Opened before the log, so that a second signal counts until
 * the log is written.
 * @returns The exit code.
 * @throws The error of `start`, except after a signal.
 */
export async function runService(
  start: (signal: AbortSignal) => Promise<Service>,
  signals: StopSignals,
  { printError }: Context,
): Promise<number> {
  const service = await startUnlessStopped(start, signals.signal);
  if (service === undefined) return EXIT.done;
  await using _service = service;
  using _hangUps = onHangUp(() => void service.reload?.());
  return await waitForEnd(service, signals.received, printError);
}

async function startUnlessStopped(
  start: (signal: AbortSignal) => Promise<Service>,
  signal: AbortSignal,
): Promise<Service | undefined> {
  try {
    return await start(signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function waitForEnd(
  service: Service,
  received: Promise<string>,
  printError: Context["printError"],
): Promise<number> {
  try {
    const reason = await Promise.race([service.done, received]);
    if (reason !== undefined) await service.stop(reason);
    return EXIT.done;
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    return exitCodeOf(error, EXIT.ended);
  }
}
