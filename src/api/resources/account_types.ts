/**
 * Roles, key scopes, audit actions and names, as the REST API, the command line
 * and the database spell them.
 */

/**
 * Roles of a user in the organization:
 *
 * - `admin` manages users, keys and tunnels of the whole organization,
 * - `team-admin` manages tunnels of the team,
 * - `member` manages their own keys and tunnels,
 * - `service` is a member that is a program: it has keys and does not sign in.
 */
export const ROLES = ["admin", "team-admin", "member", "service"] as const;
export type Role = (typeof ROLES)[number];

/** Roles of people: an invitation gives one of them. */
export const PERSON_ROLES = ["admin", "team-admin", "member"] as const;

/**
 * Which of its user's permissions a key has:
 *
 * - `all` everything,
 * - `start` starting, watching and stopping one's own tunnels,
 * - `use` the proxy port,
 * - `read` reading the REST API and the page.
 */
export const KEY_SCOPES = ["all", "start", "use", "read"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** Actions that the audit log records. */
export const AUDIT_ACTIONS = [
  "tunnel_started",
  "tunnel_stopped",
  "tunnel_replaced",
  "tunnel_used",
  "user_added",
  "user_changed",
  "user_removed",
  "user_disabled",
  "user_enabled",
  "key_created",
  "key_revoked",
  "organization_created",
  "organization_changed",
  "organization_removed",
  "invitation_created",
  "invitation_revoked",
  "invitation_used",
  "signed_in",
  "sign_in_refused",
  "signed_out",
  "login_throttled",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/**
 * Who disabled a user:
 *
 * - `admin` an admin or the operator, who alone can undo it,
 * - `provider` the identity provider, whose next sign-in undoes it.
 */
export const DISABLERS = ["admin", "provider"] as const;
export type Disabler = (typeof DISABLERS)[number];

/** The organization of users that were added without one. */
export const DEFAULT_ORGANIZATION = "default";

/** Names of keys, teams and organizations. No character needs escaping in a URL; `.` and `..` would change the path. */
export const PLAIN_NAME = /^(?!\.\.?$)[A-Za-z0-9._-]{1,64}$/;

/** Names of users: the same and `@`, but no `+` or `:`, which separate `user+tunnel` and `user:key`. */
export const USER_NAME = /^[A-Za-z0-9._@-]{1,64}$/;
