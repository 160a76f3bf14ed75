/**
 * Users, keys, the organization and the audit log as the REST API shows them.
 * Times are in seconds since 1970, as those of tunnels are.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";
import {
  AUDIT_ACTIONS,
  type AuditAction,
  KEY_SCOPES,
  type KeyScope,
  PLAIN_NAME,
  type Role,
  ROLES,
  USER_NAME,
} from "./account_types.ts";

/** Longest life of a key that has an end, in seconds: ten years. */
const MAX_EXPIRY = 10 * 366 * 24 * 3600;
/** Most entries of the audit log in one answer. */
export const MAX_AUDIT_ENTRIES = 1000;

const role = z.enum(ROLES).describe(
  "`admin` manages users and tunnels of the organization, `team-admin` tunnels of the team; " +
    "a `service` account has keys and does not sign in.",
);
const scope = z.enum(KEY_SCOPES).describe(
  "What the key opens: `start` starting and stopping one's tunnels, `use` " +
    "the proxy port, `read` looking, `all` everything.",
);
const plainName = z.string().regex(
  PLAIN_NAME,
  "expected 1 to 64 letters, digits or . _ -",
);
const time = z.int().describe("Seconds since 1970.");
const timeOrNull = time.nullable();

/** What an organization is. */
export interface OrganizationState {
  readonly name: string;
  /** `null` without a limit. */
  readonly max_tunnels: number | null;
  readonly active_tunnels: number;
  readonly users: number;
}

/** Writes an {@linkcode OrganizationState}. */
export const organizationState: z.ZodType<OrganizationState> = z.object({
  name: z.string(),
  max_tunnels: z.int().nullable().describe(
    "Most tunnels of all users together, at once.",
  ),
  active_tunnels: z.int(),
  users: z.int(),
}).meta({ id: "Organization" });

/** What a user is. */
export interface UserState {
  readonly name: string;
  readonly role: Role;
  readonly team: string | null;
  readonly organization: string;
  readonly creation_time: number;
}

const userShape = {
  name: z.string(),
  role,
  team: z.string().nullable(),
  organization: z.string(),
  creation_time: time,
};

/** Writes a {@linkcode UserState}. */
export const userState: z.ZodType<UserState> = z.object(userShape)
  .meta({ id: "User" });

/** Users of an organization. */
export interface UserList {
  readonly users: readonly UserState[];
}

/** Writes a {@linkcode UserList}. */
export const userList: z.ZodType<UserList> = z.object({
  users: z.array(userState),
}).meta({ id: "Users" });

/** A user that is to be added. */
export interface CreateUserRequest {
  readonly name: string;
  readonly team?: string;
  /** `member` unless given. */
  readonly role?: Role;
}

/** Reads a {@linkcode CreateUserRequest}; strict. */
export const createUserRequest: z.ZodType<CreateUserRequest> = z.strictObject({
  name: z.string().regex(
    USER_NAME,
    "expected 1 to 64 letters, digits or . _ - @",
  ).describe("No other user of the server may have it."),
  team: z.exactOptional(plainName),
  role: z.exactOptional(role),
}).meta({ id: "CreateUser" });

/** What is to change about a user; what is not there stays. */
export interface ChangeUserRequest {
  /** `null` takes them out of their team. */
  readonly team?: string | null;
  readonly role?: Role;
}

/** Reads a {@linkcode ChangeUserRequest}; strict. */
export const changeUserRequest: z.ZodType<ChangeUserRequest> = z.strictObject({
  team: z.exactOptional(
    plainName.nullable().describe("`null` takes the user out of their team."),
  ),
  role: z.exactOptional(role),
}).meta({ id: "ChangeUser" });

/** A new user and their first key. */
export interface CreatedUserReply extends UserState {
  readonly access_key: string;
}

const accessKey = z.string().describe("Told only now.");

/** Writes a {@linkcode CreatedUserReply}. */
export const createdUserReply: z.ZodType<CreatedUserReply> = z.object({
  ...userShape,
  access_key: accessKey,
}).meta({ id: "CreatedUser" });

/** What a key is; never the key itself. */
export interface KeyState {
  readonly user: string;
  readonly name: string;
  readonly scope: KeyScope;
  readonly creation_time: number;
  readonly expiration_time: number | null;
  readonly last_used: number | null;
}

const keyShape = {
  user: z.string(),
  name: z.string(),
  scope,
  creation_time: time,
  expiration_time: timeOrNull,
  last_used: timeOrNull.describe("Seconds since 1970, to the minute."),
};

/** Keys of a user. */
export interface KeyList {
  readonly keys: readonly KeyState[];
}

/** Writes a {@linkcode KeyList}. */
export const keyList: z.ZodType<KeyList> = z.object({
  keys: z.array(z.object(keyShape).meta({ id: "Key" })),
}).meta({ id: "Keys" });

/** A key that is to be made. */
export interface CreateKeyRequest {
  readonly name: string;
  /** `all` unless given. */
  readonly scope?: KeyScope;
  /** Seconds; it never expires unless given. */
  readonly expires_in?: number;
}

/** Reads a {@linkcode CreateKeyRequest}; strict. */
export const createKeyRequest: z.ZodType<CreateKeyRequest> = z.strictObject({
  name: plainName.describe("No other key of the user may have it."),
  scope: z.exactOptional(scope),
  expires_in: z.exactOptional(
    z.int().min(1).max(MAX_EXPIRY).describe(
      "Seconds until it stops being a key; it never does unless given.",
    ),
  ),
}).meta({ id: "CreateKey" });

/** A new key. */
export interface CreatedKeyReply extends KeyState {
  readonly access_key: string;
}

/** Writes a {@linkcode CreatedKeyReply}. */
export const createdKeyReply: z.ZodType<CreatedKeyReply> = z.object({
  ...keyShape,
  access_key: accessKey,
}).meta({ id: "CreatedKey" });

/** Reply when a user or key is gone. */
export interface RemovedReply {
  readonly result: true;
  readonly name: string;
}

/** Writes a {@linkcode RemovedReply}. */
export const removedReply: z.ZodType<RemovedReply> = z.object({
  result: z.literal(true),
  name: z.string(),
}).meta({ id: "Removed" });

/** What `GET /{user}/audit` may be asked. */
export interface AuditLogQuery {
  readonly limit?: number;
  /** Seconds since 1970. */
  readonly since?: number;
  /** Id of an entry. */
  readonly before?: number;
}

/** A number in a query, where everything is text. */
function numeric(schema: z.ZodType<number>): z.ZodType<number> {
  return z.preprocess(
    (value) =>
      typeof value === "string" && /^\d{1,12}$/.test(value)
        ? Number(value)
        : value,
    schema,
  );
}

/** Reads an {@linkcode AuditLogQuery}; strict. */
export const auditLogQuery: z.ZodType<AuditLogQuery> = z.strictObject({
  limit: z.exactOptional(
    numeric(z.int().min(1).max(MAX_AUDIT_ENTRIES)).describe(
      "How many at the most; 100 unless given.",
    ),
  ),
  since: z.exactOptional(
    numeric(z.int().min(0)).describe(
      "Not older than this, in seconds since 1970.",
    ),
  ),
  before: z.exactOptional(
    numeric(z.int().min(1)).describe("Older than the entry of this id."),
  ),
});

/** Who did what. */
export interface AuditEntryState {
  readonly id: number;
  readonly time: number;
  readonly actor: string;
  readonly key: string | null;
  readonly address: string | null;
  readonly action: AuditAction;
  readonly user: string | null;
  readonly object: string | null;
  readonly detail: string | null;
}

/** Entries of the audit log. */
export interface AuditLogReply {
  readonly entries: readonly AuditEntryState[];
}

/** Writes an {@linkcode AuditLogReply}. */
export const auditLogReply: z.ZodType<AuditLogReply> = z.object({
  entries: z.array(
    z.object({
      id: z.int(),
      time,
      actor: z.string().describe(
        "A user, `(operator)` at the command line, or `(server)`.",
      ),
      key: z.string().nullable().describe("Name of the key that was used."),
      address: z.string().nullable(),
      action: z.enum(AUDIT_ACTIONS),
      user: z.string().nullable().describe(
        "Whom it concerns: the owner of a tunnel, of a key; `null` where it is an organization.",
      ),
      object: z.string().nullable().describe(
        "Name of the tunnel, key or organization.",
      ),
      detail: z.string().nullable(),
    }).meta({ id: "AuditEntry" }),
  ),
}).meta({ id: "AuditLog" });
