/**
 * The server's one database file: opened so that several processes may use it
 * at the same time, readable by its owner only, its tables brought up to date.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { dirname } from "node:path";
import { systemReason } from "../../log/system_reason.ts";
import { MIGRATIONS } from "./migrations.ts";

/** How long a write waits for another process's write, in milliseconds. */
const BUSY_TIMEOUT = 5000;
const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** The database cannot be used; the message says which, why, and what to do. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

/** There is no database, and none was to be made. */
export class MissingDatabaseError extends DatabaseError {}

/** How a database is opened. */
export interface DatabaseOptions {
  /** Whether it must be there; made where it is missing unless given. */
  readonly mustExist?: boolean;
}

/**
 * Opens the database and migrates it to the current version. The file and its
 * folder are created where they are missing.
 *
 * @param path A file, or `:memory:`.
 * @throws {MissingDatabaseError} When there is none and there must be.
 * @throws {DatabaseError} When the file is no database, is made by a newer
 * version of this program, or cannot be opened.
 */
export function openDatabase(
  path: string,
  { mustExist = false }: DatabaseOptions = {},
): DatabaseSync {
  if (mustExist && isMissing(path)) {
    throw new MissingDatabaseError(
      `Cannot open the database "${path}": there is none, give the ` +
        '--data-dir of the server, or begin one with "sallyport user add"',
    );
  }
  try {
    using _turn = path === ":memory:" ? undefined : takeTurn(path);
    if (path !== ":memory:") createFile(path);
    const database = new DatabaseSync(path);
    try {
      prepare(database);
    } catch (cause) {
      database.close();
      throw cause;
    }
    return database;
  } catch (cause) {
    throw new DatabaseError(
      `Cannot open the database "${path}": ${reasonOf(cause)}`,
      { cause },
    );
  }
}

/** Runs `write` in one exclusive write transaction: all of it is stored, or nothing. */
export function inTransaction<Result>(
  database: DatabaseSync,
  write: () => Result,
): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = write();
    database.exec("COMMIT");
    return result;
  } catch (cause) {
    database.exec("ROLLBACK");
    throw cause;
  }
}

function isMissing(path: string): boolean {
  try {
    Deno.statSync(path);
    return false;
  } catch (cause) {
    // Why else it cannot be looked at is told by who opens it.
    return cause instanceof Deno.errors.NotFound;
  }
}

/**
 * Lets one process at a time open the database, until disposed: SQLite's own
 * waiting does not cover the switch to WAL.
 */
function takeTurn(path: string): Disposable {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const file = Deno.openSync(`${path}.lock`, {
    create: true,
    write: true,
    mode: OWNER_ONLY_FILE,
  });
  file.lockSync(true);
  return file;
}

/** Makes the file before SQLite does, which would let others read it. SQLite gives its side files the same mode. */
function createFile(path: string): void {
  using _file = Deno.openSync(path, {
    create: true,
    append: true,
    mode: OWNER_ONLY_FILE,
  });
  if (Deno.build.os !== "windows") Deno.chmodSync(path, OWNER_ONLY_FILE);
}

function prepare(database: DatabaseSync): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  database.exec("PRAGMA journal_mode = WAL");
  // A key that was printed once must not be lost with the power.
  database.exec("PRAGMA synchronous = FULL");
  // While tables change; a column that refers to another table can only be
  // added without.
  database.exec("PRAGMA foreign_keys = OFF");
  migrate(database);
  database.exec("PRAGMA foreign_keys = ON");
}

function migrate(database: DatabaseSync): void {
  if (versionOf(database) === MIGRATIONS.length) return;
  // Another process may be migrating too: the version counts inside the lock.
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(database);
    if (version > MIGRATIONS.length) {
      throw new RangeError(
        `it is of version ${version} and this program knows ${MIGRATIONS.length}, update Sallyport`,
      );
    }
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec("COMMIT");
  } catch (cause) {
    database.exec("ROLLBACK");
    throw cause;
  }
}

function versionOf(database: DatabaseSync): number {
  const row = database.prepare("PRAGMA user_version").get();
  return Number(row?.user_version);
}

function reasonOf(cause: unknown): string {
  const reason = systemReason(cause);
  switch (reason) {
    case "file is not a database":
      return "the file is not a database, move it away or give another data directory";
    case "attempt to write a readonly database":
      return "it may not be written, choose another directory with --data-dir";
  }
  const isSystems = cause instanceof Error && cause.message !== reason;
  return isSystems
    ? `${reason}, choose another directory with --data-dir`
    : reason;
}
