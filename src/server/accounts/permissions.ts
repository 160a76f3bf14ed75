/**
 * Who may see, use and stop whose tunnels. The REST API, the page and the proxy
 * port all decide with it.
 *
 * |                           | use    | see    | stop |
 * | ------------------------- | ------ | ------ | ---- |
 * | owner                     | yes    | yes    | yes  |
 * | user of the organization  | shared | shared | no   |
 * | admin of the organization | shared | yes    | yes  |
 * | admin of the owner's team | shared | yes    | yes  |
 * | anyone else               | no     | no     | no   |
 *
 * Use of a tunnel reaches into its owner's network. No role grants use of another
 * user's tunnel; its owner must share it.
 */
import type { Sharing } from "../../api/resources/tunnel_resource.ts";
import type { Accounts } from "./accounts.ts";

/** The source of users and their organizations. */
export type UserDirectory = Pick<Accounts, "findUser">;

/** What permissions depend on. */
export interface OwnedTunnel {
  /** Its owner's user name. */
  readonly owner: string;
  /** With whom its owner shares it. */
  readonly shared: Sharing;
}

/** The permissions of one user. It caches look-ups, so create a new one for every request. */
export class Permissions {
  readonly #user: string;
  readonly #directory: UserDirectory;
  readonly #relations = new Map<string, Relation>();

  constructor(user: string, directory: UserDirectory) {
    this.#user = user;
    this.#directory = directory;
  }

  /** Whether the user may send requests through it. */
  mayUse({ owner, shared }: OwnedTunnel): boolean {
    if (owner === this.#user) return true;
    return shared === "all" && this.#relationTo(owner) !== "stranger";
  }

  /** Whether the user may stop it, and see it even when it is not shared. */
  mayManage({ owner }: Pick<OwnedTunnel, "owner">): boolean {
    return owner === this.#user || this.#relationTo(owner) === "manager";
  }

  /** Whether the user may see it. */
  maySee(tunnel: OwnedTunnel): boolean {
    return this.mayManage(tunnel) || this.mayUse(tunnel);
  }

  #relationTo(owner: string): Relation {
    return this.#relations.getOrInsertComputed(
      owner,
      () => relationOf(this.#user, owner, this.#directory),
    );
  }
}

type Relation = "manager" | "colleague" | "stranger";

function relationOf(
  name: string,
  owner: string,
  directory: UserDirectory,
): Relation {
  const user = directory.findUser(name);
  const other = directory.findUser(owner);
  if (user === undefined || other === undefined) return "stranger";
  if (user.organization !== other.organization) return "stranger";
  if (user.role === "admin") return "manager";
  const isOfTeam = user.team !== undefined && user.team === other.team;
  return user.role === "team-admin" && isOfTeam ? "manager" : "colleague";
}
