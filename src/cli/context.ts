import { deadline } from "../async/timer.ts";
import type { Environment } from "../config/sources/environment.ts";
import { systemReason } from "../log/system_reason.ts";
import { type Launcher, openLauncher } from "./launch/launcher.ts";
import type { LaunchedCommand } from "./launch/launcher_worker.ts";
import { visible } from "../log/visible.ts";

/** What a command uses of its process. */
export interface Context {
  /** Looks up an environment variable. */
  readonly environment: Environment;
  /** Writes text to standard output. */
  readonly print: (text: string) => void;
  /** Writes a line to standard error: an error, or a note that is not part of the output. */
  readonly printError: (message: string) => void;
  /** Asks the user a question. @returns The reply; `undefined` when there is no terminal. */
  readonly ask: (question: string) => string | undefined;
  /** Makes what can start one command, and needs the permission `run` no longer. */
  readonly openLauncher: (command: LaunchedCommand) => Launcher;
  /** Revokes permissions for the lifetime of the process. */
  readonly revokePermissions: (
    kinds: readonly PermissionKind[],
  ) => Promise<void>;
}

/**
 * A permission that the program starts with. Each kind is revoked as a whole:
 * Deno cannot revoke single folders of a permission for all.
 */
export type PermissionKind = "net" | "read" | "write" | "run";

/** The context of this process. */
export const PROCESS_CONTEXT: Context = {
  environment: (name) => Deno.env.get(name),
  print: (text) => {
    try {
      writeAll(Deno.stdout, text);
    } catch (cause) {
      // The reader has stopped, as in "sallyport help | head".
      if (cause instanceof Deno.errors.BrokenPipe) return;
      const reason = systemReason(cause);
      throw new Error(`Cannot write to standard output: ${reason}`, { cause });
    }
  },
  printError: (message) => {
    // The message may quote the response of a server.
    const line = visible(message.replace(/\s*\n\s*/g, " "));
    errors = errors.then(() => writeError(`sallyport: ${line}\n`));
  },
  ask: (question) =>
    Deno.stdin.isTerminal() ? prompt(question) ?? "" : undefined,
  openLauncher,
  revokePermissions: async (kinds) => {
    for (const name of kinds) await Deno.permissions.revoke({ name });
  },
};

/** How long the program waits at its end until its errors are read, in milliseconds. */
const PATIENCE = 1_000;
/** Settles when standard error has taken all errors. */
let errors: Promise<void> = Promise.resolve();

/** Waits until the errors of {@linkcode PROCESS_CONTEXT} are written. A reader that has stopped does not hold up the end. */
export async function errorsWritten(): Promise<void> {
  await deadline(errors, PATIENCE).catch(() => {});
}

async function writeError(text: string): Promise<void> {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.byteLength > 0) {
      rest = rest.subarray(await Deno.stderr.write(rest));
    }
  } catch {
    // Standard error is closed. The exit code reports the failure.
  }
}

/** Writes synchronously, so that nothing is lost if the process then exits. */
function writeAll(
  output: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  let rest = new TextEncoder().encode(text);
  while (rest.byteLength > 0) rest = rest.subarray(output.writeSync(rest));
}
