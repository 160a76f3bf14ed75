/** What the rows of the accounts' tables say. */
import {
  type Disabler,
  DISABLERS,
  KEY_SCOPES,
  type KeyScope,
  type Role,
  ROLES,
} from "../../api/resources/account_types.ts";
import type { SqlRow } from "../../store/sql.ts";

/** A user's organization, team and role. */
export interface Membership {
  readonly organization: string;
  /** `undefined` without a team. */
  readonly team: string | undefined;
  readonly role: Role;
}

/** Who a user is at an identity provider. Names and addresses change there, these do not. */
export interface Identity {
  /** The address of the provider (`iss`). */
  readonly issuer: string;
  /** The provider's own name of the user (`sub`). */
  readonly subject: string;
}

/** A user. */
export interface UserSummary extends Membership {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Of a user who signs in at an identity provider; `undefined` for users of this server alone. */
  readonly identity?: Identity | undefined;
  /** Who disabled the user: no key works and no page opens. `undefined` if nobody did. */
  readonly disabled?: Disabler | undefined;
}

/** A key as it is stored. Times are in milliseconds since 1970. */
export interface StoredKey {
  readonly name: string;
  readonly scope: KeyScope;
  /** Its hash, fast or slow. */
  readonly hash: string;
  /** The first bytes of the SHA-256 of a generated key, as hexadecimal digits; `undefined` for a chosen one. */
  readonly hint: string | undefined;
  readonly createdAt: number;
  /** `undefined` for never. */
  readonly expiresAt: number | undefined;
  /** To the minute; `undefined` for never. */
  readonly lastUsedAt: number | undefined;
}

/** An organization as it is stored. */
export interface StoredOrganization {
  readonly name: string;
  /** Most live tunnels of all its users together; `undefined` for no limit. */
  readonly maxTunnels: number | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** The user of a row. */
export function userOf(row: SqlRow): UserSummary {
  return {
    name: String(row.name),
    createdAt: Number(row.created_at),
    organization: String(row.organization),
    team: row.team === null ? undefined : String(row.team),
    // An unknown role of a newer program counts as the smallest one.
    role: ROLES.find((role) => role === row.role) ?? "member",
    ...row.subject === null ? {} : {
      identity: { issuer: String(row.issuer), subject: String(row.subject) },
    },
    // An unknown word of a newer program disables too.
    ...row.disabled === null ? {} : {
      disabled: DISABLERS.find((each) => each === row.disabled) ?? "admin",
    },
  };
}

/** The key of a row. */
export function storedKeyOf(row: SqlRow): StoredKey {
  return {
    name: String(row.name),
    // An unknown scope of a newer program counts as the smallest one.
    scope: KEY_SCOPES.find((scope) => scope === row.scope) ?? "read",
    hash: String(row.hash),
    hint: row.hint instanceof Uint8Array ? row.hint.toHex() : undefined,
    createdAt: Number(row.created_at),
    expiresAt: numberOf(row.expires_at),
    lastUsedAt: numberOf(row.last_used_at),
  };
}

/** The organization of a row. */
export function organizationOf(row: SqlRow): StoredOrganization {
  return {
    name: String(row.name),
    maxTunnels: numberOf(row.max_tunnels),
    createdAt: Number(row.created_at),
  };
}

function numberOf(value: unknown): number | undefined {
  return value === null ? undefined : Number(value);
}
