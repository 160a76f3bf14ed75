/**
 * All of it is written to the database, or nothing.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";

/** Does `write` in one transaction, in which nobody else writes. */
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
