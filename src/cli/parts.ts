/**
 * The parts that the commands start, as the commands see them.
 *
 * @module
 */
import type { Running } from "../async/running.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Address } from "../net/address.ts";
import type { Accounts } from "../server/accounts.ts";

/** What a server is started with. */
export interface ServerOptions {
  readonly address: Address;
  readonly tunnelAddress: Address;
  readonly proxyAddress: Address;
  readonly externalHost: string | undefined;
  readonly dataDir: string;
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  readonly users: readonly { readonly name: string; readonly key: string }[];
  readonly shutdownTimeout: number;
  /** Gives up the start; a server that is up is stopped with `stop()`. */
  readonly signal: AbortSignal;
}

/** A part that can be stopped gracefully. Disposing it stops it at once. */
export interface Stoppable extends Running {
  /** Refuses new work, waits for what runs, and resolves when all is over. */
  stop(reason: string): Promise<void>;
}

/** The parts of the program that commands use. */
export interface Parts {
  readonly startClient: (options: ClientOptions) => Promise<Stoppable>;
  readonly startServer: (options: ServerOptions) => Promise<Stoppable>;
  readonly openAccounts: (databasePath: string) => Accounts;
}
