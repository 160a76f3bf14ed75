/** The directory with the server's persistent data. */
import { join } from "node:path";
import { systemReason } from "../log/system_reason.ts";

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;

/** The data directory cannot be used; the message says why and what to do. */
export class DataDirectoryError extends Error {
  /** Always `DataDirectoryError`. */
  override readonly name = "DataDirectoryError";
}

/** Another server uses the data directory. This one may start when that one has ended. */
export class DataDirectoryInUseError extends Error {
  /** Always `DataDirectoryInUseError`. */
  override readonly name = "DataDirectoryInUseError";
}

/**
 * Claims the directory for one server until disposed. The lock is a file lock, so
 * the system releases it however the process ends. Commands that manage accounts
 * run beside the server and claim nothing. A missing directory is created, for
 * this user only.
 *
 * @throws {DataDirectoryError} When it is a file, or cannot be created or used.
 * @throws {DataDirectoryInUseError} When another server has claimed it.
 */
export async function claimDataDirectory(path: string): Promise<Disposable> {
  using parts = new DisposableStack();
  try {
    await Deno.mkdir(path, { recursive: true, mode: OWNER_ONLY_FOLDER });
    const file = parts.use(
      await Deno.open(join(path, "server.lock"), {
        create: true,
        write: true,
        mode: OWNER_ONLY_FILE,
      }),
    );
    if (await file.tryLock(true)) return parts.move();
  } catch (cause) {
    throw new DataDirectoryError(
      `Cannot use the data directory "${path}": ${
        reasonOf(cause)
      }, choose another with --data-dir`,
      { cause },
    );
  }
  throw new DataDirectoryInUseError(
    `Cannot start a server on the data directory "${path}": another server ` +
      "uses it, stop that one or choose another with --data-dir",
  );
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.AlreadyExists) return "it is a file";
  return systemReason(cause);
}
