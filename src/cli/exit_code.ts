/**
 * What the exit code says to whoever started the program. Service managers
 * decide by it whether to start again.
 *
 * @module
 */
import { ClientError, type ClientErrorCode } from "../client/errors.ts";
import { ConfigError } from "../config/errors.ts";
import { PacError } from "../pac/errors.ts";
import { PluginError } from "../plugin/api/errors.ts";
import { AccountError } from "../server/accounts/accounts.ts";
import { BackupError } from "../server/storage/backup.ts";
import { CertificateError } from "../server/tls/certificates.ts";
import { DataDirectoryError } from "../server/storage/data_directory.ts";
import { DatabaseError } from "../server/storage/database.ts";

/** The exit codes. */
export const EXIT = {
  /** It did what it was asked to, and stopped when it was asked to. */
  done: 0,
  /** Wrong usage or configuration, or the server refused: again is no use. */
  refused: 1,
  /** It could not start because something was not reachable or in use: an address, the data directory. */
  notStarted: 2,
  /** It was up, and was ended by the server or failed: start it again. */
  ended: 3,
  /** A second signal cut the shutdown short. */
  interrupted: 130,
} as const;

/** The exit codes in words, for the help. */
export const EXIT_CODES_HELP: readonly (readonly [number, string])[] = [
  [EXIT.done, "stopped as asked"],
  [EXIT.refused, "wrong usage or configuration, or refused: do not restart"],
  [
    EXIT.notStarted,
    "could not start: not reachable, or address or data in use",
  ],
  [EXIT.ended, "ended by the server, or lost for good: restart"],
  [EXIT.interrupted, "stopped at once by a second signal"],
];

const CLIENT_CODES: Readonly<Record<ClientErrorCode, number>> = {
  unauthorized: EXIT.refused,
  refused: EXIT.refused,
  unreachable: EXIT.notStarted,
  notWorking: EXIT.notStarted,
  ended: EXIT.ended,
  aborted: EXIT.done,
};

/** Errors that stay until somebody changes something. */
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
 * @param otherwise What an error means that does not tell by itself.
 */
export function exitCodeOf(error: unknown, otherwise: number): number {
  if (error instanceof ClientError) return CLIENT_CODES[error.code];
  const isMistake = MISTAKES.some((each) => error instanceof each);
  return isMistake ? EXIT.refused : otherwise;
}
