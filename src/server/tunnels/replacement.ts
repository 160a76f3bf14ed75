import type { Actor } from "../accounts/audit_log.ts";
import type { TunnelMetadata } from "../../api/resources/tunnel_resource.ts";

/** The start that ended a tunnel of the same name. */
export interface Replacement {
  readonly user: string;
  /** The new client's machine, as that client names it. */
  readonly host: string | undefined;
  /** IP address of the request that started it. */
  readonly address: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Who replaces a tunnel, from where, and when. */
export function replacementOf(
  { metadata }: { readonly metadata?: TunnelMetadata | undefined },
  { user, address }: Actor,
  at: number,
): Replacement {
  return { user, host: metadata?.hostname, address, at };
}

/** `replaced by ann from ci-7 (10.0.0.3) at 2026-11-30 22:11:07 UTC` */
export function sentenceOf(
  { user, host, address, at }: Replacement,
): string {
  const from = host === undefined ? "" : ` from ${host}`;
  const where = address === undefined ? "" : ` (${address})`;
  const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  return `replaced by ${user}${from}${where} at ${time} UTC`;
}
