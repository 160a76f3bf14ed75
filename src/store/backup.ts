/** Backup of a server's data directory, also while the server runs. */
import { basename, join } from "node:path";
import { backup } from "node:sqlite";
import { databasePath } from "../config/data_dir.ts";
import { SYSTEM } from "../platform/system.ts";
import { openDatabase } from "./database.ts";

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;

/** The backup failed; the message says why and what to do. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/**
 * Copies users, keys, tunnels and certificates into a new folder, which can serve
 * as the data directory of a server. The copy of the database is a consistent
 * snapshot, also while others write.
 *
 * @throws {BackupError} When the folder exists already, or one of the two folders cannot be used.
 * @throws {DatabaseError} When the database cannot be read.
 */
export async function backUp(dataDir: string, folder: string): Promise<void> {
  const database = databasePath(dataDir);
  if (!await exists(database)) {
    throw new BackupError(
      `Cannot back up "${dataDir}": no server data found there, give the ` +
        "--data-dir of the server",
    );
  }
  // Written to a folder beside it, which is renamed when complete.
  const unfinished = `${folder}.unfinished`;
  await makeFolder(folder, unfinished);
  try {
    using source = openDatabase(database);
    const copy = databasePath(unfinished);
    await backup(source, copy);
    if (SYSTEM.hasFileModes) await Deno.chmod(copy, OWNER_ONLY_FILE);
    for await (const { name, isFile } of Deno.readDir(dataDir)) {
      if (!isFile || isTransient(name)) continue;
      await Deno.copyFile(join(dataDir, name), join(unfinished, name));
    }
    await Deno.rename(unfinished, folder);
  } catch (cause) {
    await Deno.remove(unfinished, { recursive: true });
    throw cause;
  }
}

/** Whether a file is a lock or belongs to the database, which is copied separately. */
function isTransient(name: string): boolean {
  return name.endsWith(".lock") || name.startsWith(basename(databasePath("")));
}

async function makeFolder(folder: string, unfinished: string): Promise<void> {
  if (await exists(folder)) {
    throw new BackupError(
      `Cannot back up to "${folder}": it exists already, give a new folder`,
    );
  }
  try {
    await Deno.mkdir(unfinished, { mode: OWNER_ONLY_FOLDER });
  } catch (cause) {
    const isLeftOver = cause instanceof Deno.errors.AlreadyExists;
    throw new BackupError(
      isLeftOver
        ? `Cannot back up to "${folder}": an earlier backup did not ` +
          `finish, remove "${unfinished}"`
        : `Cannot back up to "${folder}": its folder cannot be written, ` +
          "choose another",
      { cause },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
}
