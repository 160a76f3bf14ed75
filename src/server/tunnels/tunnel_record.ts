/*
 * What is known of a tunnel wherever it is looked up: its owner, its secrets as
 * hashes, its rules and its state. It says nothing of sessions, which belong to
 * the event loop that holds them.
 *
 * ```text
 *   new ──first session──▶ running ──sessions gone, or stopped──▶ terminated
 *    └──────────────never connected, or stopped──────────────────────▲
 * ```
 *
 * Between a stop and `terminated` a tunnel is *stopping*: running exchanges
 * finish, new exchanges and sessions are refused. The record only holds state;
 * `TunnelController` decides.
 */
import type { DomainRules } from "../../api/resources/domain_rules.ts";
import type {
  Sharing,
  TunnelMetadata,
  TunnelStatus,
} from "../../api/resources/tunnel_resource.ts";
import type { StoredSpec } from "../../store/stored_tunnel.ts";
import type { SecretHash } from "../accounts/secret.ts";
import type { Replacement } from "./replacement.ts";

/** What a tunnel is created with; all but owner and name is optional. */
export type TunnelSpec =
  & Pick<StoredSpec, "owner" | "name">
  & Partial<StoredSpec>;

/** Why a tunnel stops. */
export interface StopCause {
  /** A word or sentence for people: `sigterm`, `serverTimeout`, `replaced by …` */
  readonly reason: string;
  /** Whether its owner stopped it. */
  readonly byUser: boolean;
  /** The start that replaced it, if one did. */
  readonly replacedBy?: Replacement;
}

/** What a record is made with. */
export interface TunnelRecordOptions {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Hash of the secret that authenticates sessions. */
  readonly tokenHash: SecretHash;
  /** Hash of the secret that authenticates browsers. */
  readonly passwordHash: SecretHash;
  /** When it was made and first had a session, if that was before the server started. */
  readonly before?:
    | Pick<ServerTunnelRecord, "createdAt" | "launchedAt">
    | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The record of a tunnel. */
export class ServerTunnelRecord {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly pool: boolean;
  readonly shared: Sharing;
  readonly metadata: TunnelMetadata;
  readonly rules: DomainRules;
  /** Whether it requests a port where browsers need no credentials. */
  readonly wantsPort: boolean;
  /** Id of the access key that started it. */
  readonly keyId: string | undefined;
  /** Milliseconds since 1970, as all its times. */
  readonly createdAt: number;
  /** Hash of the secret that authenticates sessions. */
  readonly tokenHash: SecretHash;
  /** Hash of the secret that authenticates browsers. */
  readonly passwordHash: SecretHash;
  readonly #now: () => number;
  #launchedAt: number | undefined;
  #lastConnectedAt: number | undefined;
  #stopCause: StopCause | undefined;
  #shutdownAt: number | undefined;
  #drainUntil: number | undefined;
  #port: number | undefined;

  constructor(spec: TunnelSpec, options: TunnelRecordOptions) {
    this.id = options.id;
    this.owner = spec.owner;
    this.name = spec.name;
    this.pool = spec.pool ?? false;
    this.shared = spec.shared ?? "";
    this.metadata = spec.metadata ?? {};
    this.rules = spec.rules ?? {};
    this.wantsPort = spec.wantsPort ?? false;
    this.keyId = spec.keyId;
    this.tokenHash = options.tokenHash;
    this.passwordHash = options.passwordHash;
    this.createdAt = options.before?.createdAt ?? options.now();
    this.#launchedAt = options.before?.launchedAt;
    this.#now = options.now;
  }

  /** Its status; a stopping tunnel is still `new` or `running`. */
  get status(): TunnelStatus {
    if (this.#shutdownAt !== undefined) return "terminated";
    return this.#launchedAt === undefined ? "new" : "running";
  }

  /** Whether it is stopping or has ended. */
  get isStopping(): boolean {
    return this.#stopCause !== undefined;
  }

  /** Its port for browsers without credentials, if it has one. */
  get port(): number | undefined {
    return this.#port;
  }

  /** When it first had a session. */
  get launchedAt(): number | undefined {
    return this.#launchedAt;
  }

  /** When the client was last seen. */
  get lastConnectedAt(): number | undefined {
    return this.#lastConnectedAt;
  }

  /** When it became `terminated`. */
  get shutdownAt(): number | undefined {
    return this.#shutdownAt;
  }

  /** Why it is stopping or has ended. */
  get stopCause(): StopCause | undefined {
    return this.#stopCause;
  }

  /** When running exchanges are cut off, while it is stopping. */
  get drainUntil(): number | undefined {
    return this.#drainUntil;
  }

  /** Whether `token` is the token of the tunnel. */
  acceptsToken(token: string): boolean {
    return this.tokenHash.matches(token);
  }

  /** Whether `password` is the proxy password of the tunnel. */
  acceptsProxyPassword(password: string): boolean {
    return this.passwordHash.matches(password);
  }

  /** Notes that the client is alive now. */
  markClientSeen(): void {
    this.#lastConnectedAt = this.#now();
  }

  /** Sets its port for browsers without credentials; `undefined` if it has none. */
  assignPort(port: number | undefined): void {
    this.#port = port;
  }

  /** Sets when running exchanges are cut off. */
  limitDrain(until: number): void {
    this.#drainUntil = until;
  }

  /** Notes that it has a session: the first one launches it. */
  protected markLaunched(): void {
    this.markClientSeen();
    this.#launchedAt ??= this.#lastConnectedAt;
  }

  /** Notes the cause of its stop; says whether it is the first one, which is kept. */
  protected noteStop(cause: StopCause): boolean {
    if (this.#stopCause !== undefined) return false;
    this.#stopCause = cause;
    return true;
  }

  /**
   * Notes that it has ended; says whether it had not before.
   *
   * @throws {TypeError} When it is not stopping.
   */
  protected noteEnd(): boolean {
    if (this.#stopCause === undefined) {
      throw new TypeError(
        `Cannot end tunnel "${this.name}": it is not stopping`,
      );
    }
    if (this.#shutdownAt !== undefined) return false;
    this.#shutdownAt = this.#now();
    return true;
  }
}
