/**
 * Who may see, use and stop whose tunnels. Everything that asks, REST API, page
 * and proxy port, asks here.
 *
 * |                          | use             | see  | stop |
 * | ------------------------ | --------------- | ---- | ---- |
 * | their owner              | yes             | yes  | yes  |
 * | user of the organization | shared ones     | shared ones | no |
 * | its admin                | shared ones     | yes  | yes  |
 * | admin of the owner's team | shared ones    | yes  | yes  |
 * | anybody else             | no              | no   | no   |
 *
 * To use a tunnel is to reach into its owner's network; nobody is given that by
 * a role.
 *
 * @module
 */
import type { Sharing } from "../../api/resources/tunnel_resource.ts";
import type { Accounts } from "./accounts.ts";

/** Where users belong is looked up there. */
export type UserDirectory = Pick<Accounts, "findUser">;

/** A tunnel, as far as rights go. */
export interface OwnedTunnel {
  /** Its owner's user name. */
  readonly owner: string;
  /** With whom its owner shares it. */
  readonly shared: Sharing;
}

/** What one user may do now. It remembers whom it looked up: make a new one for every request. */
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

  /** Whether the user may know of it. */
  maySee(tunnel: OwnedTunnel): boolean {
    return this.mayManage(tunnel) || this.mayUse(tunnel);
  }

  #relationTo(owner: string): Relation {
    const known = this.#relations.get(owner);
    if (known !== undefined) return known;
    const relation = relationOf(this.#user, owner, this.#directory);
    this.#relations.set(owner, relation);
    return relation;
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
