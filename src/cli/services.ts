// The services that the commands start, and how the program provides them.
// Tests provide others.
import type { Running } from "../async/running.ts";
import { startClient } from "../client/client.ts";
import type { ClientOptions } from "../client/options.ts";
import { type Accounts, openAccounts } from "../server/accounts/accounts.ts";
import type { ServerOptions } from "../server/options.ts";
import { startServer } from "../server/server.ts";
import type { DatabaseOptions } from "../store/database.ts";

/** A running service. Disposing it stops it at once. */
export interface Service extends Running {
  /** Refuses new work, waits for running work, and resolves at the end. */
  stop(reason: string): Promise<void>;
  /** Looks for new certificates in their files. */
  reload?(): Promise<void>;
}

/** What commands use of client and server. */
export interface Services {
  readonly startClient: (options: ClientOptions) => Promise<Service>;
  readonly startServer: (options: ServerOptions) => Promise<Service>;
  readonly openAccounts: (
    databasePath: string,
    options?: DatabaseOptions,
  ) => Accounts;
}

/** The real client and server. */
export const SERVICES: Services = { startClient, startServer, openAccounts };
