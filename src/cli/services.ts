// The services that the commands start, and how the program provides them.
// Tests provide others.
//
// A command loads the code of client or server when it runs. A client has no
// use for the server's, which is most of the program.
import type { Running } from "../async/running.ts";
import type { TunnelInfo } from "../client/state.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Accounts } from "../server/accounts/accounts.ts";
import type { ServerOptions } from "../server/options.ts";
import type { DatabaseOptions } from "../store/database.ts";

/** A running service. Disposing it stops it at once. */
export interface Service extends Running {
  /**
   * Refuses new work, waits for running work, and resolves at the end.
   *
   * @param timeout How long running work may take, in milliseconds. Default: as configured.
   */
  stop(reason: string, timeout?: number): Promise<void>;
  /** The tunnel of a client. */
  readonly tunnel?: TunnelInfo;
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
  ) => Promise<Accounts>;
}

/** The real client and server. */
export const SERVICES: Services = {
  async startClient(options) {
    const { startClient } = await import("../client/client.ts");
    return await startClient(options);
  },
  async startServer(options) {
    const { startServer } = await import("../server/server.ts");
    return await startServer(options);
  },
  async openAccounts(databasePath, options) {
    const { openAccounts } = await import("../server/accounts/accounts.ts");
    return openAccounts(databasePath, options);
  },
};
