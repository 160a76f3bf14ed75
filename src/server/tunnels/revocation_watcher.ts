// Ends the tunnels of removed users, and those whose key was revoked, has expired,
// or may no longer start tunnels. Another process may change users and keys, so
// the server polls them.
import type { KeyScope } from "../../api/resources/account_types.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import { logger } from "../../log/log.ts";
import type { TunnelController } from "./controller.ts";
import type { TunnelRegistry } from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

/**
 * How often users and keys are checked, in milliseconds: a tunnel outlives its
 * user or key by no more than that. A check costs microseconds.
 */
export const REVOCATION_CHECK_INTERVAL = 5_000;

/** Options of {@linkcode watchRevocations}. */
export interface RevocationWatcherOptions {
  readonly accounts: Pick<Accounts, "hasUser" | "listKeys">;
  readonly registry: TunnelRegistry;
  readonly controller: TunnelController;
  readonly clock?: Clock;
}

/** Keys that may start tunnels. */
const START_SCOPES: readonly KeyScope[] = ["all", "start"];

const log = logger("server");

/** Checks the owners of live tunnels until disposed. */
export function watchRevocations(
  { accounts, registry, controller, clock = systemClock }:
    RevocationWatcherOptions,
): Disposable {
  let next = clock.timer(REVOCATION_CHECK_INTERVAL, check);
  return { [Symbol.dispose]: () => next[Symbol.dispose]() };

  function check(): void {
    try {
      endOrphans();
    } catch (error) {
      // The tunnels go on until a later check succeeds.
      log.error("failed to read users and keys", { error });
    }
    next = clock.timer(REVOCATION_CHECK_INTERVAL, check);
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

  /** Returns why a tunnel of this owner must end; `undefined` if it may go on. */
  function reasons(owner: string): (tunnel: Tunnel) => string | undefined {
    if (!accounts.hasUser(owner)) return () => "userRemoved";
    const keys = new Map(accounts.listKeys(owner).map((key) => [key.id, key]));
    return function reasonOf({ keyId }) {
      // Tunnels of earlier versions have no key id.
      if (keyId === undefined) return undefined;
      const key = keys.get(keyId);
      if (key === undefined) return "keyRevoked";
      if (!START_SCOPES.includes(key.scope)) return "keyScopeChanged";
      const { expiresAt = Infinity } = key;
      return expiresAt <= clock.now() ? "keyExpired" : undefined;
    };
  }
}
