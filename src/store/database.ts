/**
 * The server's database, one file: opening and migrating it. Several processes
 * may use it at the same time. Only its owner can read the file.
 */
import { DatabaseSync } from "node:sqlite";
import { dirname } from "node:path";
import { systemReason } from "../log/system_reason.ts";
import { SYSTEM } from "../platform/system.ts";
import { MIGRATIONS } from "./migrations.ts";
import { diskReason, StorageHealth } from "./storage_health.ts";

/** How long a write waits for another process's write, in milliseconds. */
const BUSY_TIMEOUT = 5000;
const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** The database cannot be used; the message says which, why, and what to do. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}

/** The database does not exist, and must not be created. */
export class MissingDatabaseError extends DatabaseError {}

/** Options of {@linkcode openDatabase}. */
export interface DatabaseOptions {
  /** Whether it must exist; by default a missing one is created. */
  readonly mustExist?: boolean;
  /** What the connections to one database know of its writes. By default this one has its own. */
  readonly health?: StorageHealth | undefined;
}

/** An open database. */
export class Database extends DatabaseSync {
  /** What is known of its writes. */
  readonly health: StorageHealth;

  /** Use {@linkcode openDatabase}, which also migrates. */
  constructor(path: string, health: StorageHealth) {
    super(path);
    this.health = health;
  }

  /**
   * Runs statements that write; it may be part of a transaction.
   *
   * @throws {StorageError} When the disk is full, or takes nothing for another reason.
   */
  write<Result>(action: () => Result): Result {
    return this.isTransaction ? action() : this.health.watch(action);
  }

  /** Runs `write` in one exclusive write transaction: all of it is stored, or nothing. @throws {StorageError} As `write()`. */
  transaction<Result>(write: () => Result): Result {
    return this.health.watch(() => inTransaction(this, write));
  }
}

/**
 * Opens the database and migrates it to the current version. A missing file or
 * folder is created.
 *
 * @param path A file, or `:memory:`.
 * @throws {MissingDatabaseError} When it does not exist but must.
 * @throws {DatabaseError} When the file is not a database, was written by a
 * newer version of this program, or cannot be opened.
 */
export function openDatabase(
  path: string,
  { mustExist = false, health = new StorageHealth({ path }) }: DatabaseOptions =
    {},
): Database {
  if (mustExist && isMissing(path)) {
    throw new MissingDatabaseError(
      `Cannot open the database "${path}": no such file, give the --data-dir ` +
        'of the server, or create a database with "sallyport user add"',
    );
  }
  try {
    using _lock = path === ":memory:" ? undefined : lockForOpening(path);
    if (path !== ":memory:") createFile(path);
    const database = new Database(path, health);
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

function inTransaction<Result>(
  database: DatabaseSync,
  write: () => Result,
): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = write();
    database.exec("COMMIT");
    return result;
  } catch (cause) {
    // SQLite has already done it where the disk is full.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw cause;
  }
}

function isMissing(path: string): boolean {
  try {
    Deno.statSync(path);
    return false;
  } catch (cause) {
    // Opening it reports any other error.
    return cause instanceof Deno.errors.NotFound;
  }
}

/**
 * Locks the opening of the database until disposed: SQLite's own busy timeout
 * does not cover the switch to WAL.
 */
function lockForOpening(path: string): Disposable {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const file = Deno.openSync(`${path}.lock`, {
    create: true,
    write: true,
    mode: OWNER_ONLY_FILE,
  });
  file.lockSync(true);
  return file;
}

/** Creates the file before SQLite, which would let others read it. SQLite gives its side files the same mode. */
function createFile(path: string): void {
  using _file = Deno.openSync(path, {
    create: true,
    append: true,
    mode: OWNER_ONLY_FILE,
  });
  if (SYSTEM.hasFileModes) Deno.chmodSync(path, OWNER_ONLY_FILE);
}

function prepare(database: DatabaseSync): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  database.exec("PRAGMA journal_mode = WAL");
  // A key that was printed once must not be lost with the power.
  database.exec("PRAGMA synchronous = FULL");
  // Off while tables change: SQLite cannot add a column that refers to another
  // table while it is on.
  database.exec("PRAGMA foreign_keys = OFF");
  migrate(database);
  database.exec("PRAGMA foreign_keys = ON");
}

function migrate(database: DatabaseSync): void {
  if (versionOf(database) === MIGRATIONS.length) return;
  inTransaction(database, () => {
    // Another process may be migrating too: the version counts inside the lock.
    const version = versionOf(database);
    if (version > MIGRATIONS.length) {
      throw new RangeError(
        `its version is ${version} and this program supports ${MIGRATIONS.length}, update Sallyport`,
      );
    }
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function versionOf(database: DatabaseSync): number {
  const row = database.prepare("PRAGMA user_version").get();
  return Number(row?.user_version);
}

function reasonOf(cause: unknown): string {
  const disk = diskReason(cause);
  if (disk !== undefined) {
    return `${disk}, choose another directory with --data-dir`;
  }
  const reason = systemReason(cause);
  if (reason === "file is not a database") {
    return "the file is not a database, move it away or give another data directory";
  }
  const isSystems = cause instanceof Error && cause.message !== reason;
  return isSystems
    ? `${reason}, choose another directory with --data-dir`
    : reason;
}
