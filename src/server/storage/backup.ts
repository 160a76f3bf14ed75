/**
 * A copy of the data directory of a server, which may be running.
 *
 * @module
 */
import { basename, join } from "node:path";
import { backup } from "node:sqlite";
import { databasePath } from "../../config/data_dir.ts";
import { openDatabase } from "./database.ts";

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;

/** The backup cannot be made; the message says why and what to do. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/**
 * Copies users, keys, tunnels and certificates into a new folder, which can be
 * the data directory of a server. The database is copied as it is at one
 * moment, whoever writes to it meanwhile.
 *
 * @throws {BackupError} When the folder is there, or one of the two cannot be used.
 * @throws {DatabaseError} When the database cannot be read.
 */
export async function backUp(dataDir: string, folder: string): Promise<void> {
  const database = databasePath(dataDir);
  if (!await isThere(database)) {
    throw new BackupError(
      `Cannot back up "${dataDir}": there is no server's data, give the ` +
        "--data-dir of the server",
    );
  }
  // In a folder beside it, which becomes the backup when it is whole.
  const unfinished = `${folder}.unfinished`;
  await makeFolder(folder, unfinished);
  try {
    using source = openDatabase(database);
    const copy = databasePath(unfinished);
    await backup(source, copy);
    await Deno.chmod(copy, OWNER_ONLY_FILE);
    for await (const { name, isFile } of Deno.readDir(dataDir)) {
      if (!isFile || isPassing(name)) continue;
      await Deno.copyFile(join(dataDir, name), join(unfinished, name));
    }
    await Deno.rename(unfinished, folder);
  } catch (cause) {
    await Deno.remove(unfinished, { recursive: true });
    throw cause;
  }
}

/** Whether a file is of a server at work: a lock, or one of the database, which is copied whole. */
function isPassing(name: string): boolean {
  return name.endsWith(".lock") || name.startsWith(basename(databasePath("")));
}

async function makeFolder(folder: string, unfinished: string): Promise<void> {
  if (await isThere(folder)) {
    throw new BackupError(
      `Cannot back up to "${folder}": it is there already, give a new folder`,
    );
  }
  try {
    await Deno.mkdir(unfinished, { mode: OWNER_ONLY_FOLDER });
  } catch (cause) {
    const isOld = cause instanceof Deno.errors.AlreadyExists;
    throw new BackupError(
      isOld
        ? `Cannot back up to "${folder}": an earlier backup was not ` +
          `finished, remove "${unfinished}"`
        : `Cannot back up to "${folder}": its folder cannot be written, ` +
          "choose another",
      { cause },
    );
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
}
