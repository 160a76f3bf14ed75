/**
 * Ends the tunnels of users who were removed. Another process may remove them,
 * so the server looks.
 *
 * @module
 */
import type { Accounts } from "./accounts.ts";
import { type Clock, systemClock } from "../async/clock.ts";
import type { TunnelController } from "./controller.ts";
import type { TunnelRegistry } from "./registry.ts";

/** A removed user is out after this long at the latest, in milliseconds; looking costs microseconds. */
export const OWNER_WATCH_INTERVAL = 5_000;

/** What the watch looks at. */
export interface OwnerWatchOptions {
  readonly accounts: Pick<Accounts, "hasUser">;
  readonly registry: TunnelRegistry;
  readonly controller: TunnelController;
  readonly clock?: Clock;
}

/** Looks after the owners of live tunnels until disposed. */
export function watchOwners(
  { accounts, registry, controller, clock = systemClock }: OwnerWatchOptions,
): Disposable {
  let next = clock.timer(OWNER_WATCH_INTERVAL, look);
  return { [Symbol.dispose]: () => next[Symbol.dispose]() };

  function look(): void {
    const owners = Map.groupBy(registry.list(), ({ owner }) => owner);
    for (const [owner, tunnels] of owners) {
      if (accounts.hasUser(owner)) continue;
      for (const tunnel of tunnels) {
        controller.stop(tunnel, { reason: "userRemoved", waitForJobs: false });
      }
    }
    next = clock.timer(OWNER_WATCH_INTERVAL, look);
  }
}
