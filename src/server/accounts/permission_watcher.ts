/**
 * Closes connections whose permission has ended: those of browsers at the proxy
 * port, and the live parts of pages. Requests are checked when they arrive, but a
 * download or a CONNECT may last for days.
 *
 * It watches connections and not requests: this costs nothing for a request and
 * covers all kinds of them. One timer checks all connections.
 */
import type { KeyScope } from "../../api/resources/account_types.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import { logger } from "../../log/log.ts";
import type { Accounts, UserSummary, VerifiedKey } from "./accounts.ts";
import { Permissions } from "./permissions.ts";

/** Interval of the checks in milliseconds. Connections must close within 10 s of a revocation; half of that is reserve for a busy machine. */
export const CHECK_INTERVAL = 4_000;

/** The source of keys, users and their organizations. */
export type PermissionSource = Pick<Accounts, "findKey" | "findUser">;

/** The accounts at one moment. It looks up each user and key once, however many connections they have. */
export interface AccountView {
  /** Whether the user still has this same key, and it has one of these scopes. */
  hasKey(user: string, key: VerifiedKey, scopes: readonly KeyScope[]): boolean;
  permissionsOf(user: string): Permissions;
  /** The user; `undefined` if there is none of this name. */
  userOf(user: string): UserSummary | undefined;
  /** The user's organization; `undefined` if there is no such user. */
  organizationOf(user: string): string | undefined;
}

/** The reason why a connection is permitted. */
export interface Permit {
  /** Whether it still applies. */
  holds(view: AccountView): boolean;
  /** Takes over the uses of the previous permit, which may still be going on. */
  follow?(previous: Permit): void;
}

/** A connection that is closed when its permit ends. Dispose it when it has closed by itself. */
export interface WatchedConnection extends Disposable {
  /** Sets the permit that is checked from now on. Without a permit it is never closed. */
  allow(permit: Permit | undefined): void;
}

const log = logger("server");

/** Watches connections until disposed. */
export class PermissionWatcher implements Disposable {
  readonly #source: PermissionSource;
  readonly #clock: Clock;
  readonly #connections = new Set<PermittedConnection>();
  #closed = 0;
  #next: Disposable;

  constructor(source: PermissionSource, clock: Clock = systemClock) {
    this.#source = source;
    this.#clock = clock;
    this.#next = this.#wait();
  }

  /** The number of watched connections. */
  get size(): number {
    return this.#connections.size;
  }

  /** The number of connections closed so far. */
  get closed(): number {
    return this.#closed;
  }

  /** Watches a connection: calls `close` once, and stops watching, when its permit ends. */
  enter(close: () => void, permit?: Permit): WatchedConnection {
    const connection = new PermittedConnection(
      close,
      permit,
      this.#connections,
    );
    this.#connections.add(connection);
    return connection;
  }

  [Symbol.dispose](): void {
    this.#next[Symbol.dispose]();
    this.#connections.clear();
  }

  #wait(): Disposable {
    return this.#clock.timer(CHECK_INTERVAL, () => {
      try {
        this.#check();
      } catch (error) {
        // Connections stay open; the next check finds revocations.
        log.error("failed to read users and keys", { error });
      }
      this.#next = this.#wait();
    });
  }

  #check(): void {
    const view = viewAccounts(this.#source);
    let closed = 0;
    for (const connection of [...this.#connections]) {
      if (connection.permit === undefined || connection.permit.holds(view)) {
        continue;
      }
      connection.close();
      closed += 1;
    }
    this.#closed += closed;
    if (closed > 0) {
      log.info("connections closed: permission ended", { closed });
    }
  }
}

class PermittedConnection implements WatchedConnection {
  #permit: Permit | undefined;
  readonly #close: () => void;
  readonly #all: Set<PermittedConnection>;

  constructor(
    close: () => void,
    permit: Permit | undefined,
    all: Set<PermittedConnection>,
  ) {
    this.#close = close;
    this.#permit = permit;
    this.#all = all;
  }

  get permit(): Permit | undefined {
    return this.#permit;
  }

  allow(permit: Permit | undefined): void {
    if (this.#permit !== undefined) permit?.follow?.(this.#permit);
    this.#permit = permit;
  }

  close(): void {
    this[Symbol.dispose]();
    this.#close();
  }

  [Symbol.dispose](): void {
    this.#all.delete(this);
  }
}

/** The accounts as they are now. */
export function viewAccounts(source: PermissionSource): AccountView {
  const keys = new Map<string, VerifiedKey | undefined>();
  const permissions = new Map<string, Permissions>();
  const users = new Map<string, ReturnType<PermissionSource["findUser"]>>();
  const findUser = (name: string) =>
    users.getOrInsertComputed(name, () => source.findUser(name));
  return {
    hasKey(user, { id, name }, scopes) {
      // User names contain no `+`.
      const found = keys.getOrInsertComputed(
        `${user}+${name}`,
        () => source.findKey(user, name),
      );
      return found?.id === id && scopes.includes(found.scope);
    },
    permissionsOf: (user) =>
      permissions.getOrInsertComputed(
        user,
        () => new Permissions(user, { findUser }),
      ),
    userOf: findUser,
    organizationOf: (user) => findUser(user)?.organization,
  };
}
