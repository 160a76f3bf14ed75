/**
 * Users, keys, organizations and the audit log in the REST API. Requests are
 * strict. Times are in seconds since 1970, like those of tunnels.
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";
import {
  AUDIT_ACTIONS,
  KEY_SCOPES,
  PERSON_ROLES,
  PLAIN_NAME,
  ROLES,
  USER_NAME,
} from "./account_types.ts";
import type { Infer } from "./immutable.ts";
import { numeric } from "./tunnel_queries.ts";

/** Longest life of a key that expires, in seconds: ten years. */
const MAX_EXPIRY = 10 * 366 * 24 * 3600;
/** Most entries of the audit log in one response. */
export const MAX_AUDIT_ENTRIES = 1000;

const role = z.enum(ROLES).describe(
  "`admin` manages users and tunnels of the organization, `team-admin` tunnels of the team; " +
    "a `service` account has keys and does not sign in.",
);
const scope = z.enum(KEY_SCOPES).describe(
  "What the key permits: `start` starting and stopping one's own tunnels, `use` " +
    "the proxy port, `read` reading, `all` everything.",
);
const plainName = z.string().regex(
  PLAIN_NAME,
  "expected 1 to 64 letters, digits or . _ -",
);
const time = z.int().describe("Seconds since 1970.");
const timeOrNull = time.nullable();
const accessKey = z.string().describe("Shown only once, in this response.");

/** An organization. */
export const organizationState = z.object({
  name: z.string(),
  max_tunnels: z.int().nullable().describe(
    "Most tunnels of all users together, at once. `null` without a limit.",
  ),
  active_tunnels: z.int(),
  users: z.int(),
}).meta({ id: "Organization" });

const userShape = {
  name: z.string(),
  role,
  team: z.string().nullable(),
  organization: z.string(),
  creation_time: time,
  disabled: z.boolean().describe(
    "Whether no key of the user works and no page opens.",
  ),
  external: z.boolean().describe(
    "Whether the user signs in at an identity provider, which decides on role and team.",
  ),
};

/** A user. */
export const userState = z.object(userShape).meta({ id: "User" });
export type UserState = Infer<typeof userState>;

/** The users of an organization. */
export const userList = z.object({
  users: z.array(userState),
}).meta({ id: "Users" });

/** The body that adds a user. */
export const createUserRequest = z.strictObject({
  name: z.string().regex(
    USER_NAME,
    "expected 1 to 64 letters, digits or . _ - @",
  ).describe("Unique among all users of the server."),
  team: z.exactOptional(plainName),
  /** `member` by default. */
  role: z.exactOptional(role),
}).meta({ id: "CreateUser" });

/** The body that changes a user. Missing fields stay as they are. */
export const changeUserRequest = z.strictObject({
  team: z.exactOptional(
    plainName.nullable().describe("`null` takes the user out of their team."),
  ),
  role: z.exactOptional(role),
  disabled: z.exactOptional(
    z.boolean().describe(
      "`true` ends the user's keys, tunnels and page sessions, until `false`.",
    ),
  ),
}).meta({ id: "ChangeUser" });
export type ChangeUserRequest = Infer<typeof changeUserRequest>;

/** A new user and their first key. */
export const createdUserReply = z.object({
  ...userShape,
  access_key: accessKey,
}).meta({ id: "CreatedUser" });

/** Longest life of an invitation, in seconds: 90 days. */
export const MAX_INVITATION: number = 90 * 24 * 3600;

const invitationShape = {
  id: z.string().describe("Names the invitation; it opens nothing."),
  role,
  team: z.string().nullable(),
  invited_by: z.string().describe("A user, or `(operator)`."),
  creation_time: time,
  expiration_time: time,
  used_time: timeOrNull,
  used_by: z.string().nullable().describe(
    "The user who came by it. `null` if nobody has.",
  ),
};

/** An invitation, without its link. */
const invitationState = z.object(invitationShape).meta({ id: "Invitation" });
export type InvitationState = Infer<typeof invitationState>;

/** The invitations of an organization. */
export const invitationList = z.object({
  invitations: z.array(invitationState),
}).meta({ id: "Invitations" });

/** The body that makes an invitation. */
export const createInvitationRequest = z.strictObject({
  team: z.exactOptional(plainName),
  /** `member` by default. */
  role: z.exactOptional(z.enum(PERSON_ROLES)),
  expires_in: z.exactOptional(
    z.int().min(60).max(MAX_INVITATION).describe(
      "Seconds until the link ends; a week by default.",
    ),
  ),
}).meta({ id: "CreateInvitation" });

/** A new invitation. */
export const createdInvitationReply = z.object({
  ...invitationShape,
  url: z.string().describe(
    "The link for one person. Shown only once, in this response.",
  ),
}).meta({ id: "CreatedInvitation" });
export type CreatedInvitationReply = Infer<typeof createdInvitationReply>;

const keyShape = {
  user: z.string(),
  name: z.string(),
  scope,
  creation_time: time,
  expiration_time: timeOrNull,
  last_used: timeOrNull.describe("Seconds since 1970, to the minute."),
};

/** A key, without the secret itself. */
const keyState = z.object(keyShape).meta({ id: "Key" });
export type KeyState = Infer<typeof keyState>;

/** The keys of a user. */
export const keyList = z.object({
  keys: z.array(keyState),
}).meta({ id: "Keys" });
export type KeyList = Infer<typeof keyList>;

/** The body that creates a key. */
export const createKeyRequest = z.strictObject({
  name: plainName.describe("Unique among the keys of the user."),
  /** `all` by default. */
  scope: z.exactOptional(scope),
  expires_in: z.exactOptional(
    z.int().min(1).max(MAX_EXPIRY).describe(
      "Seconds until the key expires. By default it never does.",
    ),
  ),
}).meta({ id: "CreateKey" });
export type CreateKeyRequest = Infer<typeof createKeyRequest>;

/** A new key. */
export const createdKeyReply = z.object({
  ...keyShape,
  access_key: accessKey,
}).meta({ id: "CreatedKey" });
export type CreatedKeyReply = Infer<typeof createdKeyReply>;

/** The reply after a user or key was removed. */
export const removedReply = z.object({
  result: z.literal(true),
  name: z.string(),
}).meta({ id: "Removed" });
export type RemovedReply = Infer<typeof removedReply>;

/** Largest time and largest id in a query: 12 digits, until the year 33,658. */
const MAX_NUMBER = 999_999_999_999;

/** The query of `GET /{user}/audit`. */
export const auditLogQuery = z.strictObject({
  limit: z.exactOptional(
    numeric(z.int().min(1).max(MAX_AUDIT_ENTRIES)).describe(
      "Most entries in the response; 100 by default.",
    ),
  ),
  since: z.exactOptional(
    numeric(z.int().min(0).max(MAX_NUMBER)).describe(
      "Only entries since this time, in seconds since 1970.",
    ),
  ),
  before: z.exactOptional(
    numeric(z.int().min(1).max(MAX_NUMBER)).describe(
      "Only entries older than the one with this id.",
    ),
  ),
});

/** One entry of the audit log. */
const auditEntryState = z.object({
  id: z.int(),
  time,
  actor: z.string().describe(
    "A user, `(operator)` at the command line, `(server)`, or the identity `(provider)`.",
  ),
  key: z.string().nullable().describe("Name of the key that was used."),
  address: z.string().nullable(),
  action: z.enum(AUDIT_ACTIONS),
  user: z.string().nullable().describe(
    "The user concerned: the owner of the tunnel or key. `null` if the entry is about an organization.",
  ),
  object: z.string().nullable().describe(
    "Name of the tunnel, key or organization, or id of the invitation.",
  ),
  detail: z.string().nullable(),
}).meta({ id: "AuditEntry" });
export type AuditEntryState = Infer<typeof auditEntryState>;

/** Entries of the audit log, newest first. */
export const auditLogReply = z.object({
  entries: z.array(auditEntryState),
}).meta({ id: "AuditLog" });
