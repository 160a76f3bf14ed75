/** Users, keys and audit entries as resources of the REST API. */
import type {
  AuditEntryState,
  InvitationState,
  KeyState,
  UserState,
} from "../../api/resources/account_resource.ts";
import type {
  InvitationSummary,
  KeySummary,
  UserSummary,
} from "../accounts/accounts.ts";
import type { AuditEntry } from "../accounts/audit_log.ts";

/** The resource of a user. */
export function userStateOf(user: UserSummary): UserState {
  return {
    name: user.name,
    role: user.role,
    team: user.team ?? null,
    organization: user.organization,
    creation_time: seconds(user.createdAt),
    disabled: user.disabled !== undefined,
    external: user.identity !== undefined,
  };
}

/** The resource of an invitation. */
export function invitationStateOf(
  { id, role, team, ...invitation }: InvitationSummary,
): InvitationState {
  return {
    ...{ id, role },
    team: team ?? null,
    invited_by: invitation.invitedBy,
    creation_time: seconds(invitation.createdAt),
    expiration_time: seconds(invitation.expiresAt),
    used_time: secondsOrNull(invitation.usedAt),
    used_by: invitation.usedBy ?? null,
  };
}

/** The resource of a key of `user`. */
export function keyStateOf(user: string, key: KeySummary): KeyState {
  return {
    user,
    name: key.name,
    scope: key.scope,
    creation_time: seconds(key.createdAt),
    expiration_time: secondsOrNull(key.expiresAt),
    last_used: secondsOrNull(key.lastUsedAt),
  };
}

/** The resource of an audit entry. */
export function auditStateOf(
  { id, at, by, action, user, object, detail }: AuditEntry,
): AuditEntryState {
  return {
    id,
    time: seconds(at),
    actor: by.user,
    key: by.key || null,
    address: by.address || null,
    action,
    user: user || null,
    object: object || null,
    detail: detail || null,
  };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

function secondsOrNull(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : seconds(milliseconds);
}
