// Which tunnel a failure is about. Requests that fail are few: nothing is noted
// of the others.
import type { Tunnel } from "../tunnels/tunnel.ts";

const TUNNELS = new WeakMap<object, string>();

/** Notes what failed for a user, who may see the tunnel. Nobody else is known to. */
export function noteFailedTunnel(
  cause: unknown,
  { user, tunnels }: {
    readonly user?: string | undefined;
    readonly tunnels: readonly Tunnel[];
  },
): void {
  const tunnel = tunnels[0];
  if (user === undefined || tunnel === undefined) return;
  if (typeof cause === "object" && cause !== null) {
    TUNNELS.set(cause, tunnel.id);
  }
}

/** Id of the tunnel that `cause` is about, if its user may see it. */
export function failedTunnelOf(cause: unknown): string | undefined {
  if (typeof cause !== "object" || cause === null) return undefined;
  return TUNNELS.get(cause);
}
