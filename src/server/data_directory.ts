/**
 * The directory in which the server keeps what outlives it.
 *
 * @module
 */
import { systemReason } from "../log/system_reason.ts";

const OWNER_ONLY = 0o700;

/** The data directory cannot be used; the message says why and what to do. */
export class DataDirectoryError extends Error {
  /** Always `DataDirectoryError`. */
  override readonly name = "DataDirectoryError";
}

/**
 * Makes the directory where it is missing, for this user only.
 *
 * @throws {DataDirectoryError} When it is a file, or may not be made or used.
 */
export async function ensureDataDirectory(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: OWNER_ONLY });
  } catch (cause) {
    throw new DataDirectoryError(
      `Cannot use the data directory "${path}": ${
        reasonOf(cause)
      }, choose another with --data-dir`,
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.AlreadyExists) return "it is a file";
  return systemReason(cause);
}
