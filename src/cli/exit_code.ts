// The exit codes. Service managers use them to decide about a restart.
import { ClientError, type ClientErrorCode } from "../client/errors.ts";
import { ConfigError } from "../config/errors.ts";
import { PacError } from "../pac/errors.ts";
import { PluginError } from "../plugin/api/errors.ts";
import { AccountError } from "../server/accounts/account_error.ts";
import { BackupError } from "../store/backup.ts";
import { CertificateError } from "../server/tls/whole_files.ts";
import { DataDirectoryError } from "../store/data_directory.ts";
import { DatabaseError } from "../store/database.ts";

/** The exit codes. */
export const EXIT = {
  /** Success, or stopped by a signal. */
  done: 0,
  /** Invalid usage or configuration, or refused by the server. A restart does not help. */
  refused: 1,
  /** The start failed: the server was unreachable, or an address or the data directory was in use. */
  notStarted: 2,
  /** It was running and then failed, or the server ended it. A restart helps. */
  ended: 3,
  /** A client elsewhere has taken the tunnel's name. A restart takes it back, and so on for ever. */
  replaced: 4,
  /** A second signal cut the shutdown short. */
  interrupted: 130,
} as const;

/** The exit codes in words, for the help. */
export const EXIT_CODES_HELP: readonly (readonly [number, string])[] = [
  [EXIT.done, "success, or stopped by a signal"],
  [EXIT.refused, "invalid usage or configuration, or refused: do not restart"],
  [
    EXIT.notStarted,
    "could not start: server unreachable, or address or data in use",
  ],
  [EXIT.ended, "ended by the server, or connection lost: restart"],
  [EXIT.replaced, "replaced by another client of this name: do not restart"],
  [EXIT.interrupted, "stopped immediately by a second signal"],
];

const CLIENT_CODES: Readonly<Record<ClientErrorCode, number>> = {
  unauthorized: EXIT.refused,
  refused: EXIT.refused,
  unreachable: EXIT.notStarted,
  notWorking: EXIT.notStarted,
  replaced: EXIT.replaced,
  ended: EXIT.ended,
  aborted: EXIT.done,
};

/** Errors that a restart cannot fix. */
const MISTAKES = [
  ConfigError,
  AccountError,
  BackupError,
  CertificateError,
  DataDirectoryError,
  DatabaseError,
  PacError,
  PluginError,
  // Deno was started without the permissions of the program.
  Deno.errors.NotCapable,
];

/**
 * The exit code for an error that ended a command.
 *
 * @param otherwise The exit code for all other errors.
 */
export function exitCodeOf(error: unknown, otherwise: number): number {
  if (error instanceof ClientError) return CLIENT_CODES[error.code];
  const isMistake = MISTAKES.some((each) => error instanceof each);
  return isMistake ? EXIT.refused : otherwise;
}
