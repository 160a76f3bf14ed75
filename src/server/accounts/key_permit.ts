/**
 * What a browser was allowed by its user's key, on one connection.
 *
 * @module
 */
import type { KeyScope } from "../../api/resources/account_types.ts";
import type { TunnelStatus } from "../../api/resources/tunnel_resource.ts";
import type { VerifiedKey } from "./accounts.ts";
import type { AccountView, Permit } from "./permission_watcher.ts";
import type { OwnedTunnel } from "./permissions.ts";

/** Keys that open the proxy port. */
export const PROXY_SCOPES: readonly KeyScope[] = ["all", "use"];

/** A tunnel that a key was used for. */
export interface UsedTunnel extends OwnedTunnel {
  readonly status: TunnelStatus;
}

/** Holds as long as the key does, and the user may use all tunnels that it was used for. */
export class KeyPermit implements Permit {
  readonly #user: string;
  readonly #key: VerifiedKey;
  /** Those that have ended are forgotten at the next look. */
  readonly #used = new Set<UsedTunnel>();

  constructor(user: string, key: VerifiedKey) {
    this.#user = user;
    this.#key = key;
  }

  /** Notes that requests may have gone through these. */
  noteUse(tunnels: readonly UsedTunnel[]): void {
    for (const tunnel of tunnels) this.#used.add(tunnel);
  }

  holds(look: AccountView): boolean {
    for (const tunnel of this.#used) {
      if (tunnel.status === "terminated") this.#used.delete(tunnel);
    }
    const rights = look.permissionsOf(this.#user);
    return look.hasKey(this.#user, this.#key, PROXY_SCOPES) &&
      [...this.#used].every((tunnel) => rights.mayUse(tunnel));
  }

  /** Inside TLS that is opened, requests that began by the same key a while ago may go on. */
  follow(before: Permit): void {
    if (!(before instanceof KeyPermit)) return;
    const isSame = before.#user === this.#user &&
      before.#key.id === this.#key.id;
    if (isSame) this.noteUse([...before.#used]);
  }
}
