/**
 * What users do with their keys through the REST API, and admins with the users
 * of their organization.
 *
 * @module
 */
import {
  type AuditLogQuery,
  auditLogQuery,
  type AuditLogReply,
  auditLogReply,
  type ChangeUserRequest,
  changeUserRequest,
  type CreatedKeyReply,
  createdKeyReply,
  type CreatedUserReply,
  createdUserReply,
  type CreateKeyRequest,
  createKeyRequest,
  type CreateUserRequest,
  createUserRequest,
  type KeyList,
  keyList,
  type OrganizationState,
  organizationState,
  type RemovedReply,
  removedReply,
  type UserList,
  userList,
  type UserState,
  userState,
} from "../resources/account_resource.ts";
import { NO_INPUT, type NoQuery, type Operation } from "./operation.ts";

const NOT_FOR_ALL =
  "The scope of the key does not allow it, or you are no admin";
const CHANGES = {
  403: `${NOT_FOR_ALL}, or a browser sent it from a page of another site`,
} as const;

const KEYS = {
  ...NO_INPUT,
  group: "Keys",
  path: "/{user}/keys",
} as const;
const USERS = {
  ...NO_INPUT,
  group: "For admins",
  path: "/{user}/users",
  problems: { 403: NOT_FOR_ALL },
} as const;
const USER = { ...USERS, path: "/{user}/users/{name}" } as const;
const USER_KEYS = { ...USERS, path: "/{user}/users/{name}/keys" } as const;

/** Lists one's own keys. */
export const listKeys: Operation<KeyList> = {
  ...KEYS,
  id: "listKeys",
  method: "get",
  summary: "Your access keys, by name",
  reply: { summary: "What they are, without the keys", schema: keyList },
};

/** Makes a key of one's own. */
export const createKey: Operation<CreatedKeyReply, NoQuery, CreateKeyRequest> =
  {
    ...KEYS,
    id: "createKey",
    method: "post",
    summary: "Makes you another access key",
    body: createKeyRequest,
    reply: {
      status: 201,
      summary: "The key, which is told only now",
      schema: createdKeyReply,
    },
    problems: { 400: "The content is wrong, or the name is taken" },
  };

/** Ends a key of one's own. */
export const revokeKey: Operation<RemovedReply> = {
  ...KEYS,
  path: "/{user}/keys/{key}",
  id: "revokeKey",
  method: "delete",
  summary: "Ends one of your access keys",
  reply: { summary: "It is none any more", schema: removedReply },
};

/** Tells about the organization. */
export const getOrganization: Operation<OrganizationState> = {
  ...USERS,
  path: "/{user}/organization",
  id: "getOrganization",
  method: "get",
  summary: "Your organization and its limits",
  reply: { summary: "The organization", schema: organizationState },
};

/** Lists users. */
export const listUsers: Operation<UserList> = {
  ...USERS,
  id: "listUsers",
  method: "get",
  summary: "The users of your organization, by name",
  reply: { summary: "The users", schema: userList },
};

/** Adds a user. */
export const createUser: Operation<
  CreatedUserReply,
  NoQuery,
  CreateUserRequest
> = {
  ...USERS,
  id: "createUser",
  method: "post",
  summary: "Adds a user to your organization",
  body: createUserRequest,
  reply: {
    status: 201,
    summary: "The user and their first key, which is told only now",
    schema: createdUserReply,
  },
  problems: { 400: "The content is wrong, or the name is taken", ...CHANGES },
};

/** Changes a user. */
export const changeUser: Operation<UserState, NoQuery, ChangeUserRequest> = {
  ...USER,
  id: "changeUser",
  method: "post",
  summary: "Gives a user of your organization another role or team",
  details: "Others change you: an organization shall not lose its last admin.",
  body: changeUserRequest,
  reply: { summary: "The user", schema: userState },
  problems: CHANGES,
};

/** Removes a user. */
export const removeUser: Operation<RemovedReply> = {
  ...USER,
  id: "removeUser",
  method: "delete",
  summary: "Removes a user of your organization, with keys and tunnels",
  details: "Others remove you: an organization shall not lose its last admin.",
  reply: { summary: "The user is gone", schema: removedReply },
  problems: CHANGES,
};

/** Lists another user's keys. */
export const listUserKeys: Operation<KeyList> = {
  ...USER_KEYS,
  id: "listUserKeys",
  method: "get",
  summary: "The access keys of a user of your organization",
  reply: { summary: "What they are, without the keys", schema: keyList },
};

/** Makes a key for a service account. */
export const createUserKey: Operation<
  CreatedKeyReply,
  NoQuery,
  CreateKeyRequest
> = {
  ...USER_KEYS,
  id: "createUserKey",
  method: "post",
  summary: "Makes a service account of your organization another access key",
  details: "People make their own.",
  body: createKeyRequest,
  reply: {
    status: 201,
    summary: "The key, which is told only now",
    schema: createdKeyReply,
  },
  problems: {
    400:
      "The content is wrong, the name is taken, or the user is no service account",
    ...CHANGES,
  },
};

/** Ends another user's key. */
export const revokeUserKey: Operation<RemovedReply> = {
  ...USER_KEYS,
  path: "/{user}/users/{name}/keys/{key}",
  id: "revokeUserKey",
  method: "delete",
  summary: "Ends an access key of a user of your organization",
  reply: { summary: "It is none any more", schema: removedReply },
  problems: CHANGES,
};

/** Reads the audit log. */
export const readAudit: Operation<AuditLogReply, AuditLogQuery> = {
  ...USERS,
  path: "/{user}/audit",
  id: "readAudit",
  method: "get",
  summary: "Who did what in your organization, newest first",
  query: auditLogQuery,
  reply: { summary: "Entries of the audit log", schema: auditLogReply },
};
