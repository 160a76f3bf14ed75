/**
 * The words for what users and keys may do, as the REST API, the command line
 * and the database spell them.
 *
 * @module
 */

/**
 * What a user is in the organization:
 *
 * - `admin` manages users, keys and tunnels of the whole organization,
 * - `team-admin` the tunnels of the team,
 * - `member` what is their own,
 * - `service` the same, as a program: it has keys and does not sign in.
 */
export const ROLES = ["admin", "team-admin", "member", "service"] as const;

/** One of them. */
export type Role = (typeof ROLES)[number];

/**
 * What a key opens of what its user may do:
 *
 * - `all` everything,
 * - `start` starting, watching and stopping one's own tunnels,
 * - `use` the proxy port,
 * - `read` looking, at the REST API and the page.
 */
export const KEY_SCOPES = ["all", "start", "use", "read"] as const;

/** One of them. */
export type KeyScope = (typeof KEY_SCOPES)[number];

/** What the audit log tells of. */
export const AUDIT_ACTIONS = [
  "tunnel_started",
  "tunnel_stopped",
  "tunnel_replaced",
  "tunnel_used",
  "user_added",
  "user_changed",
  "user_removed",
  "key_created",
  "key_revoked",
  "organization_created",
  "organization_changed",
  "organization_removed",
  "signed_in",
  "login_throttled",
] as const;

/** One of them. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Where users belong unless somebody says where. */
export const DEFAULT_ORGANIZATION = "default";

/** Names of keys, teams and organizations: characters that stand for themselves in URLs, and no `.` or `..`, which lead elsewhere there. */
export const PLAIN_NAME: RegExp = /^(?!\.\.?$)[A-Za-z0-9._-]{1,64}$/;

/** Names of users: the same, and `@`, but nothing that parts `user+tunnel` or `user:key`. */
export const USER_NAME: RegExp = /^[A-Za-z0-9._@-]{1,64}$/;
