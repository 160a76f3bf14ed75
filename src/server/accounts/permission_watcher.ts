/**
 * Ends what somebody has begun and may not go on with: every kind of request of
 * a browser, and the live parts of pages. Requests are checked when they come;
 * a download or a CONNECT may last for days.
 *
 * What is watched is the connection, not the request: a request costs nothing,
 * and no kind of request can be forgotten. One timer looks at all of them.
 *
 * @module
 */
import type { KeyScope } from "../../api/resources/account_types.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import { logger } from "../../log/log.ts";
import type { Accounts, VerifiedKey } from "./accounts.ts";
import { Permissions } from "./permissions.ts";

/** How often it is looked, in milliseconds. Who is cut off is out within 10 s; half of that is room for a busy machine. */
export const CHECK_INTERVAL = 4_000;

/** Where keys, users and their organizations are looked up. */
export type PermissionSource = Pick<Accounts, "findKey" | "findUser">;

/** One look at the accounts. It asks for each user and key once, however many connections they have. */
export interface AccountView {
  /** Whether the user still has this very key, and it is of one of these scopes. */
  hasKey(user: string, key: VerifiedKey, scopes: readonly KeyScope[]): boolean;
  /** What the user may do. */
  permissionsOf(user: string): Permissions;
  /** Where the user belongs; `undefined` if there is no such user. */
  organizationOf(user: string): string | undefined;
}

/** Why something was allowed. */
export interface Permit {
  /** Whether it still is. */
  holds(look: AccountView): boolean;
  /** Takes over what the permit before it was used for, which may still be going on. */
  follow?(before: Permit): void;
}

/** Something that ends when it is not allowed any more. Dispose it when it has ended by itself. */
export interface WatchedConnection extends Disposable {
  /** Says why it is allowed from now on; until then it is left alone. */
  allow(permit: Permit | undefined): void;
}

const log = logger("server");

/** Looks after all that is under way until disposed. */
export class PermissionWatcher implements Disposable {
  readonly #source: PermissionSource;
  readonly #clock: Clock;
  readonly #passes = new Set<WatchedPass>();
  #cuts = 0;
  #next: Disposable;

  constructor(source: PermissionSource, clock: Clock = systemClock) {
    this.#source = source;
    this.#clock = clock;
    this.#next = this.#wait();
  }

  /** How many are under way. */
  get size(): number {
    return this.#passes.size;
  }

  /** How many have been cut. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Calls `cut` once, and lets go, when the permit that the pass is given is over. */
  enter(cut: () => void, permit?: Permit): WatchedConnection {
    const pass = new WatchedPass(cut, permit, this.#passes);
    this.#passes.add(pass);
    return pass;
  }

  [Symbol.dispose](): void {
    this.#next[Symbol.dispose]();
    this.#passes.clear();
  }

  #wait(): Disposable {
    return this.#clock.timer(CHECK_INTERVAL, () => {
      try {
        this.#look();
      } catch (error) {
        // What is under way goes on; who is out is found the next time.
        log.error("users and keys cannot be read", { error });
      }
      this.#next = this.#wait();
    });
  }

  #look(): void {
    const look = viewAccounts(this.#source);
    let cut = 0;
    for (const pass of [...this.#passes]) {
      if (pass.permit === undefined || pass.permit.holds(look)) continue;
      pass.cut();
      cut += 1;
    }
    this.#cuts += cut;
    if (cut > 0) log.info("connections cut: their rights are over", { cut });
  }
}

class WatchedPass implements WatchedConnection {
  #permit: Permit | undefined;
  readonly #cut: () => void;
  readonly #all: Set<WatchedPass>;

  constructor(
    cut: () => void,
    permit: Permit | undefined,
    all: Set<WatchedPass>,
  ) {
    this.#cut = cut;
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

  cut(): void {
    this[Symbol.dispose]();
    this.#cut();
  }

  [Symbol.dispose](): void {
    this.#all.delete(this);
  }
}

/** Looks at the accounts as they are now. */
export function viewAccounts(source: PermissionSource): AccountView {
  const keys = new Map<string, VerifiedKey | undefined>();
  const rights = new Map<string, Permissions>();
  const users = new Map<string, ReturnType<PermissionSource["findUser"]>>();
  const findUser = (name: string) =>
    users.getOrInsertComputed(name, () => source.findUser(name));
  return {
    hasKey(user, { id, name }, scopes) {
      // No user name has a `+`.
      const found = keys.getOrInsertComputed(
        `${user}+${name}`,
        () => source.findKey(user, name),
      );
      return found?.id === id && scopes.includes(found.scope);
    },
    permissionsOf: (user) =>
      rights.getOrInsertComputed(
        user,
        () => new Permissions(user, { findUser }),
      ),
    organizationOf: (user) => findUser(user)?.organization,
  };
}
