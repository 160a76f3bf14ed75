/** Permission of a browser on one connection, by its user's key. */
import type { KeyScope } from "../../api/resources/account_types.ts";
import type { TunnelStatus } from "../../api/resources/tunnel_resource.ts";
import type { VerifiedKey } from "./accounts.ts";
import type { AccountView, Permit } from "./permission_watcher.ts";
import type { OwnedTunnel } from "./permissions.ts";

/** Scopes of keys that permit use of the proxy port. */
export const PROXY_SCOPES: readonly KeyScope[] = ["all", "use"];

/** A tunnel that a key was used for. */
export interface UsedTunnel extends OwnedTunnel {
  readonly status: TunnelStatus;
}

/** Holds while the key is valid and the user may use all tunnels that the key was used for. */
export class KeyPermit implements Permit {
  readonly #user: string;
  readonly #key: VerifiedKey;
  /** Ended tunnels are removed at the next check. */
  readonly #used = new Set<UsedTunnel>();

  constructor(user: string, key: VerifiedKey) {
    this.#user = user;
    this.#key = key;
  }

  /** Records that requests may have passed through these tunnels. */
  noteUse(tunnels: readonly UsedTunnel[]): void {
    for (const tunnel of tunnels) this.#used.add(tunnel);
  }

  holds(view: AccountView): boolean {
    for (const tunnel of this.#used) {
      if (tunnel.status === "terminated") this.#used.delete(tunnel);
    }
    const permissions = view.permissionsOf(this.#user);
    return view.hasKey(this.#user, this.#key, PROXY_SCOPES) &&
      [...this.#used].every((tunnel) => permissions.mayUse(tunnel));
  }

  /** Inside intercepted TLS, earlier requests with the same key may still be running. */
  follow(previous: Permit): void {
    if (!(previous instanceof KeyPermit)) return;
    const isSame = previous.#user === this.#user &&
      previous.#key.id === this.#key.id;
    if (isSame) this.noteUse([...previous.#used]);
  }
}
