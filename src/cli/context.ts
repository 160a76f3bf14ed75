/**
 * What commands touch of the outside: their environment and their output.
 *
 * @module
 */
import type { Environment } from "../config/sources/environment.ts";
import { systemReason } from "../log/system_reason.ts";
import { visible } from "../log/visible.ts";

/** The surroundings of a command. */
export interface Context {
  /** Looks up an environment variable. */
  readonly environment: Environment;
  /** Writes text to standard output. */
  readonly print: (text: string) => void;
  /** Writes a line to standard error: the one that says what went wrong, or what is to be known beside the output. */
  readonly complain: (message: string) => void;
  /** Gives permissions back for as long as the process lives. */
  readonly giveUp: (kinds: readonly PermissionKind[]) => Promise<void>;
}

/**
 * What the program starts with, and some commands do without. Each kind is
 * given up as a whole: Deno takes no single folder back from one who has all.
 */
export type PermissionKind = "net" | "read" | "write";

/** The surroundings of this process. */
export const PROCESS: Context = {
  environment: (name) => Deno.env.get(name),
  print: (text) => {
    try {
      writeAll(Deno.stdout, text);
    } catch (cause) {
      // "sallyport help | head" has read enough.
      if (cause instanceof Deno.errors.BrokenPipe) return;
      const reason = systemReason(cause);
      throw new Error(`Cannot write to standard output: ${reason}`, { cause });
    }
  },
  complain: (message) => {
    // What a server says may be part of it.
    const line = visible(message.replace(/\s*\n\s*/g, " "));
    try {
      writeAll(Deno.stderr, `sallyport: ${line}\n`);
    } catch {
      // There is nobody left to tell; the exit code says that it failed.
    }
  },
  giveUp: async (kinds) => {
    for (const name of kinds) await Deno.permissions.revoke({ name });
  },
};

/** Writes at once, so that nothing is lost when the process ends right after. */
function writeAll(
  output: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  let rest = new TextEncoder().encode(text);
  while (rest.byteLength > 0) rest = rest.subarray(output.writeSync(rest));
}
