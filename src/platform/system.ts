/**
 * What the program's code has to know of the system it runs on. Nothing else
 * asks for the name of the system: a function that behaves differently takes a
 * {@linkcode System}, and its test gives it another one.
 */

/** The name of a system, as the runtime has it. */
export type SystemName = typeof Deno.build.os;

/** How a system behaves. */
export interface System {
  readonly name: SystemName;
  /** Whether files and folders have modes. Without, those who may read a folder are named by its access list. */
  readonly hasFileModes: boolean;
  /** Whether programs listen on Unix sockets here. The runtime does not on Windows. */
  readonly hasUnixSockets: boolean;
  /** Whether SIGHUP asks for something. On Windows it says that the window has closed, which is the end. */
  readonly hasHangUp: boolean;
  /** Whether the lowest free number is that of the next file, and files have a limit. */
  readonly hasNumberedFiles: boolean;
  /** Whether the system itself dials again where it is refused: Windows does so three times, for two seconds. */
  readonly repeatsRefusedDials: boolean;
  /** Whether a program can have a port on all interfaces, and another one the same port on loopback. */
  readonly splitsPorts: boolean;
  /** Whether `Plugin.ts` and `plugin.ts` are one file. */
  readonly foldsCase: boolean;
  /** The signals that end the program in order. */
  readonly stopSignals: readonly Deno.Signal[];
}

const POSIX: Omit<System, "name"> = {
  hasFileModes: true,
  hasUnixSockets: true,
  hasHangUp: true,
  hasNumberedFiles: true,
  repeatsRefusedDials: false,
  splitsPorts: false,
  foldsCase: false,
  stopSignals: ["SIGINT", "SIGTERM", "SIGQUIT"],
};

/** The behaviour of a system. */
export function systemOf(name: SystemName): System {
  switch (name) {
    case "windows":
      return {
        name,
        hasFileModes: false,
        hasUnixSockets: false,
        hasHangUp: false,
        hasNumberedFiles: false,
        repeatsRefusedDials: true,
        splitsPorts: true,
        foldsCase: true,
        // Windows has no SIGQUIT; Ctrl-Break is the nearest signal there.
        stopSignals: ["SIGINT", "SIGTERM", "SIGBREAK"],
      };
    case "darwin":
      // Its usual file system finds a file by a name in other letter case.
      return { ...POSIX, name, foldsCase: true, splitsPorts: true };
    default:
      return { ...POSIX, name };
  }
}

/** This one. */
export const SYSTEM: System = systemOf(Deno.build.os);
