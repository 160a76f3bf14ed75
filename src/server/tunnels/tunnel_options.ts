/**
 * What a tunnel is made with by the registry, and what it tells it.
 *
 * @module
 */
import type { SecretHash } from "../accounts/secret.ts";
import type { Tunnel } from "./tunnel.ts";
import type { TunnelLimits } from "./tunnel_limits.ts";

/** What can happen to a tunnel. */
export type TunnelChangeKind =
  | "created"
  | "attached"
  | "detached"
  | "stopping"
  | "terminated"
  | "removed";

/** What a tunnel takes from the registry that makes it. */
export interface TunnelOptions {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Of what admits sessions. */
  readonly tokenHash: SecretHash;
  /** Of what admits browsers. */
  readonly passwordHash: SecretHash;
  /** When it was made and first had a session, if that was before the server started. */
  readonly before?: Pick<Tunnel, "createdAt" | "launchedAt"> | undefined;
  /** What it may take; the usual unless given. */
  readonly limits?: TunnelLimits | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called after every change but `created` and `removed`, which are the registry's own. */
  readonly onChange: (kind: TunnelChangeKind) => void;
}
