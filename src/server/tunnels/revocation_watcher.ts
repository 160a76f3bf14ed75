/**
 * Ends the tunnels of users who were removed, and those that were started with a
 * key that was revoked, has expired, or starts none any more. Another process may do it, so the server
 * looks.
 *
 * @module
 */
import type { KeyScope } from "../../api/resources/account_words.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import { logger } from "../../log/log.ts";
import type { TunnelController } from "./controller.ts";
import type { TunnelRegistry } from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

/** Who is removed, and whose key is, is out after this long at the latest, in milliseconds; looking costs microseconds. */
export const REVOCATION_CHECK_INTERVAL = 5_000;

/** What the watch looks at. */
export interface RevocationWatcherOptions {
  readonly accounts: Pick<Accounts, "hasUser" | "listKeys">;
  readonly registry: TunnelRegistry;
  readonly controller: TunnelController;
  readonly clock?: Clock;
}

/** Keys that start tunnels. */
const START_SCOPES: readonly KeyScope[] = ["all", "start"];

const log = logger("server");

/** Looks after the owners of live tunnels until disposed. */
export function watchRevocations(
  { accounts, registry, controller, clock = systemClock }:
    RevocationWatcherOptions,
): Disposable {
  let next = clock.timer(REVOCATION_CHECK_INTERVAL, look);
  return { [Symbol.dispose]: () => next[Symbol.dispose]() };

  function look(): void {
    try {
      endOrphans();
    } catch (error) {
      // The tunnels go on; who is out is found the next time.
      log.error("users and keys cannot be read", { error });
    }
    next = clock.timer(REVOCATION_CHECK_INTERVAL, look);
  }

  function endOrphans(): void {
    const owners = Map.groupBy(registry.list(), ({ owner }) => owner);
    for (const [owner, tunnels] of owners) {
      const reasonOf = reasons(owner);
      for (const tunnel of tunnels) {
        const reason = reasonOf(tunnel);
        if (reason === undefined) continue;
        controller.stop(tunnel, { reason, waitForJobs: false });
      }
    }
  }

  /** Says why a tunnel of this owner has to end, if it has. */
  function reasons(owner: string): (tunnel: Tunnel) => string | undefined {
    if (!accounts.hasUser(owner)) return () => "userRemoved";
    const keys = new Map(accounts.listKeys(owner).map((key) => [key.id, key]));
    return function reasonOf({ keyId }) {
      // Tunnels of earlier versions do not know their key.
      if (keyId === undefined) return undefined;
      const key = keys.get(keyId);
      if (key === undefined) return "keyRevoked";
      if (!START_SCOPES.includes(key.scope)) return "keyScopeChanged";
      const { expiresAt = Infinity } = key;
      return expiresAt <= clock.now() ? "keyExpired" : undefined;
    };
  }
}
