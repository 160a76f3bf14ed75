/**
 * The parts that the commands start, as the commands see them.
 *
 * @module
 */
import type { Running } from "../async/running.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Accounts } from "../server/accounts/accounts.ts";
import type { DatabaseOptions } from "../server/storage/database.ts";
import type { ServerOptions } from "../server/options.ts";

/** A part that can be stopped gracefully. Disposing it stops it at once. */
export interface Stoppable extends Running {
  /** Refuses new work, waits for what runs, and resolves when all is over. */
  stop(reason: string): Promise<void>;
}

/** The parts of the program that commands use. */
export interface Parts {
  readonly startClient: (options: ClientOptions) => Promise<Stoppable>;
  readonly startServer: (options: ServerOptions) => Promise<Stoppable>;
  readonly openAccounts: (
    databasePath: string,
    options?: DatabaseOptions,
  ) => Accounts;
}
