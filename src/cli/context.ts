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
  /** The same, and what the user types is not shown. */
  readonly askSecret: (question: string) => Promise<string | undefined>;
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
  askSecret: (question) => askUnseen(question),
  openLauncher,
  revokePermissions: async (kinds) => {
    for (const name of kinds) await Deno.permissions.revoke({ name });
  },
};

/** The most that a user types as one reply, in bytes. */
const MAX_REPLY = 4096;
const [CTRL_C, CTRL_D, BACKSPACE, DELETE] = [3, 4, 8, 127];
/** A line ends with either. */
const LINE_ENDS: readonly number[] = [10, 13];

/** Reads a line from the terminal, which shows nothing of it. */
async function askUnseen(question: string): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal()) return undefined;
  await writeError(question);
  const bytes: number[] = [];
  const one = new Uint8Array(1);
  Deno.stdin.setRaw(true);
  try {
    while (bytes.length < MAX_REPLY) {
      const byte = await Deno.stdin.read(one) === null ? CTRL_D : one[0] ?? 0;
      if (byte === CTRL_C) {
        Deno.stdin.setRaw(false);
        Deno.exit(INTERRUPTED);
      }
      if (byte === CTRL_D || LINE_ENDS.includes(byte)) break;
      if (byte === BACKSPACE || byte === DELETE) bytes.pop();
      else bytes.push(byte);
    }
  } finally {
    Deno.stdin.setRaw(false);
    await writeError("\n");
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** The exit code after Ctrl-C: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

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
