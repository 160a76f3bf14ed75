import { randomUUID } from "node:crypto";
import type { FairMap } from "../../async/fair_map.ts";
import { ChangeEmitter, type ChangeFeed } from "../../async/change_feed.ts";
import { generateSecret, SecretHash } from "../accounts/secret.ts";
import { SharedTables } from "../accounts/shared_tables.ts";
import type { TunnelLimits } from "./tunnel_limits.ts";
import {
  Tunnel,
  type TunnelChangeKind,
  type TunnelOptions,
  type TunnelSpec,
} from "./tunnel.ts";

/** Ended tunnels that are kept for `all_tunnels`, a few KB each. A full table drops those of the organization and user with the most. */
const MAX_ENDED_TUNNELS = 1000;

/** A change to a tunnel. */
export interface RegistryChange {
  readonly kind: TunnelChangeKind;
  readonly tunnel: Tunnel;
}

/** A new tunnel and its two secrets, which are not kept. */
export interface CreatedTunnel {
  readonly tunnel: Tunnel;
  /** Authenticates sessions; {@linkcode TunnelRegistry.findByToken} finds its tunnel. */
  readonly tunnelToken: string;
  /** Authenticates browsers at the proxy. */
  readonly proxyPassword: string;
}

/** A tunnel of the previous run of the server. */
export interface RestoredTunnel {
  readonly id: string;
  readonly spec: TunnelSpec;
  /** SHA-256 of its token. */
  readonly tokenDigest: Uint8Array;
  /** SHA-256 of its proxy password. */
  readonly passwordDigest: Uint8Array;
  /** Milliseconds since 1970, as `launchedAt`. */
  readonly createdAt: number;
  /** `undefined` if it never had a session. */
  readonly launchedAt: number | undefined;
}

/** Which tunnels to list. */
export interface ListOptions {
  /** Only those of this user. */
  readonly owner?: string;
  /** Ended tunnels too. */
  readonly ended?: boolean;
}

/** Options of {@linkcode TunnelRegistry}. */
export interface RegistryOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How many ended tunnels are kept. */
  readonly maxEnded?: number;
  /** Assigns ended tunnels to organizations; by default all belong to one. */
  readonly shares?: SharedTables;
  /** The limits of each tunnel. */
  readonly limits?: TunnelLimits | undefined;
}

/** All tunnels of the server: live ones, and those that ended lately. */
export class TunnelRegistry {
  readonly #changes = new ChangeEmitter<RegistryChange>();
  /** Live and ended, in order of creation. */
  readonly #tunnels = new Map<string, Tunnel>();
  /** Live ones by `owner+name`; no user name has a `+`. */
  readonly #live = new Map<string, readonly Tunnel[]>();
  /** Ids of ended ones. */
  readonly #ended: FairMap<string>;
  readonly #now: () => number;
  readonly #shares: SharedTables;
  readonly #limits: TunnelLimits | undefined;

  constructor(
    {
      now = Date.now,
      maxEnded = MAX_ENDED_TUNNELS,
      shares = new SharedTables(),
      limits,
    }: RegistryOptions = {},
  ) {
    this.#now = now;
    this.#shares = shares;
    this.#ended = shares.table("ended_tunnels", {
      maxEntries: maxEnded,
      onEvict: (id) => this.remove(id),
    });
    this.#limits = limits;
  }

  /** Changes to all tunnels. */
  get changes(): ChangeFeed<RegistryChange> {
    return this.#changes;
  }

  /** Creates a tunnel, in status `new`. */
  create(spec: TunnelSpec): CreatedTunnel {
    const id = randomUUID().replaceAll("-", "");
    // The id in front finds the tunnel to compare with, without a search by secret.
    const tunnelToken = `${id}.${generateSecret()}`;
    const proxyPassword = generateSecret();
    const tunnel = this.#add(spec, {
      id,
      tokenHash: new SecretHash(tunnelToken),
      passwordHash: new SecretHash(proxyPassword),
    });
    return { tunnel, tunnelToken, proxyPassword };
  }

  /** Adds a tunnel of the previous run, without sessions. */
  restore(
    { id, spec, tokenDigest, passwordDigest, ...before }: RestoredTunnel,
  ): void {
    this.#add(spec, {
      id,
      tokenHash: new SecretHash(tokenDigest),
      passwordHash: new SecretHash(passwordDigest),
      before,
    });
  }

  /** The tunnel with this id, ended or not. */
  get(id: string): Tunnel | undefined {
    return this.#tunnels.get(id);
  }

  /** The live tunnel of this token. */
  findByToken(token: string): Tunnel | undefined {
    const tunnel = this.#tunnels.get(token.slice(0, token.indexOf(".")));
    if (!tunnel || tunnel.status === "terminated") return undefined;
    return tunnel.acceptsToken(token) ? tunnel : undefined;
  }

  /** The live tunnels of this owner and name, oldest first: several in a pool, or while one replaces another. */
  find(owner: string, name: string): readonly Tunnel[] {
    return this.#live.get(`${owner}+${name}`) ?? [];
  }

  /** Tunnels, newest first. */
  list({ owner, ended = false }: ListOptions = {}): readonly Tunnel[] {
    return [...this.#tunnels.values()].filter((tunnel) =>
      (owner === undefined || tunnel.owner === owner) &&
      (ended || tunnel.status !== "terminated")
    ).reverse();
  }

  /** Removes a tunnel; returns whether it was there. Its sessions go on. */
  remove(id: string): boolean {
    const tunnel = this.#tunnels.get(id);
    if (!tunnel) return false;
    this.#tunnels.delete(id);
    this.#ended.delete(id);
    this.#unlist(tunnel);
    this.#changes.publish({ kind: "removed", tunnel });
    return true;
  }

  #add(
    spec: TunnelSpec,
    options: Omit<TunnelOptions, "limits" | "tally" | "now" | "onChange">,
  ): Tunnel {
    const tunnel: Tunnel = new Tunnel(spec, {
      ...options,
      limits: this.#limits,
      tally: this.#shares.tallyOf(spec.owner),
      now: this.#now,
      onChange: (kind) => this.#noteChange(tunnel, kind),
    });
    this.#tunnels.set(tunnel.id, tunnel);
    const key = keyOf(tunnel);
    this.#live.set(key, [...this.#live.get(key) ?? [], tunnel]);
    this.#changes.publish({ kind: "created", tunnel });
    return tunnel;
  }

  #noteChange(tunnel: Tunnel, kind: TunnelChangeKind): void {
    // Sessions of a removed tunnel may still end: nobody needs to know.
    if (!this.#tunnels.has(tunnel.id)) return;
    if (kind === "terminated") this.#unlist(tunnel);
    this.#changes.publish({ kind, tunnel });
    if (kind === "terminated") this.#keepEnded(tunnel);
  }

  #unlist(tunnel: Tunnel): void {
    const key = keyOf(tunnel);
    const rest = this.#live.get(key)?.filter((each) => each !== tunnel) ?? [];
    if (rest.length > 0) this.#live.set(key, rest);
    else this.#live.delete(key);
  }

  #keepEnded({ id, owner }: Tunnel): void {
    this.#ended.set(id, id, this.#shares.takerOf(owner));
  }
}

function keyOf(tunnel: Tunnel): string {
  return `${tunnel.owner}+${tunnel.name}`;
}
