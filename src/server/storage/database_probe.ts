import type { DatabaseSync } from "node:sqlite";
import { systemReason } from "../../log/system_reason.ts";
import { openDatabase } from "./database.ts";

/** SQLite's result code while another connection writes. */
const SQLITE_BUSY = 5;

/** Checks that the database can be written: it writes a number into its header that nothing uses. */
export class DatabaseProbe implements Disposable {
  readonly #database: DatabaseSync;

  /**
   * Opens a connection of its own.
   *
   * @throws {DatabaseError} When the file cannot be used.
   */
  constructor(path: string) {
    this.#database = openDatabase(path);
    // Whoever writes now can write; and what the check writes may be lost.
    this.#database.exec("PRAGMA busy_timeout = 0");
    this.#database.exec("PRAGMA synchronous = OFF");
  }

  /** Why the database cannot be written; `undefined` if it can. */
  check(): string | undefined {
    try {
      this.#database.exec("PRAGMA application_id = 0");
      return undefined;
    } catch (cause) {
      const { errcode } = cause as { readonly errcode?: unknown };
      return errcode === SQLITE_BUSY ? undefined : systemReason(cause);
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
