/**
 * Opens the accounts of a server for commands that look after them. A mistyped
 * data directory is told and not made, but by what begins something.
 *
 * @module
 */
import { databasePath } from "../../config/data_dir.ts";
import type { Accounts } from "../../server/accounts/accounts.ts";
import { MissingDatabaseError } from "../../server/storage/database.ts";
import type { Context } from "../context.ts";
import type { Parts } from "../parts.ts";

/**
 * Opens what is there.
 *
 * @throws {DatabaseError} When there is nothing, or it cannot be used.
 */
export function openData(
  dataDir: string,
  { openAccounts }: Pick<Parts, "openAccounts">,
): Accounts {
  return openAccounts(databasePath(dataDir), { mustExist: true });
}

/**
 * Opens what is there, or makes it and says so.
 *
 * @throws {DatabaseError} When it cannot be used.
 */
export function beginData(
  dataDir: string,
  { openAccounts }: Pick<Parts, "openAccounts">,
  { complain }: Pick<Context, "complain">,
): Accounts {
  try {
    return openData(dataDir, { openAccounts });
  } catch (error) {
    if (!(error instanceof MissingDatabaseError)) throw error;
  }
  const accounts = openAccounts(databasePath(dataDir));
  complain(
    `Made a new database in "${dataDir}", start the server with the same ` +
      "--data-dir",
  );
  return accounts;
}
