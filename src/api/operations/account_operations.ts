/** Operations of the REST API on access keys, and for admins on users. */
import * as resource from "../resources/account_resource.ts";
import { type AnyOperation, NO_INPUT } from "./operation.ts";

const ADMINS_ONLY =
  "The scope of the key does not allow it, or you are not an admin";
const CHANGES = {
  403: `${ADMINS_ONLY}, or the request came from a page of another site`,
} as const;

const TAKEN = "The name is taken";

const KEYS = {
  ...NO_INPUT,
  group: "Keys",
  path: "/{user}/keys",
} as const;
const USERS = {
  ...NO_INPUT,
  group: "For admins",
  path: "/{user}/users",
  problems: { 403: ADMINS_ONLY },
} as const;
const USER = { ...USERS, path: "/{user}/users/{name}" } as const;
const INVITATIONS = { ...USERS, path: "/{user}/invitations" } as const;
const USER_KEYS = { ...USERS, path: "/{user}/users/{name}/keys" } as const;

/** Lists the user's own keys. */
export const listKeys = {
  ...KEYS,
  id: "listKeys",
  method: "get",
  summary: "Your access keys, by name",
  reply: {
    summary: "The keys, without their secrets",
    schema: resource.keyList,
  },
} satisfies AnyOperation;

/** Creates a key for the user. */
export const createKey = {
  ...KEYS,
  id: "createKey",
  method: "post",
  summary: "Creates another access key for you",
  body: resource.createKeyRequest,
  reply: {
    status: 201,
    summary: "The key, which is shown only once",
    schema: resource.createdKeyReply,
  },
  problems: { 409: TAKEN },
} satisfies AnyOperation;

/** Revokes one of the user's keys. */
export const revokeKey = {
  ...KEYS,
  path: "/{user}/keys/{key}",
  id: "revokeKey",
  method: "delete",
  summary: "Revokes one of your access keys",
  reply: { summary: "The key no longer works", schema: resource.removedReply },
} satisfies AnyOperation;

/** Shows the organization. */
export const getOrganization = {
  ...USERS,
  path: "/{user}/organization",
  id: "getOrganization",
  method: "get",
  summary: "Your organization and its limits",
  reply: { summary: "The organization", schema: resource.organizationState },
} satisfies AnyOperation;

/** Lists users. */
export const listUsers = {
  ...USERS,
  id: "listUsers",
  method: "get",
  summary: "The users of your organization, by name",
  reply: { summary: "The users", schema: resource.userList },
} satisfies AnyOperation;

/** Adds a user. */
export const createUser = {
  ...USERS,
  id: "createUser",
  method: "post",
  summary: "Adds a user to your organization",
  body: resource.createUserRequest,
  reply: {
    status: 201,
    summary: "The user and their first key, which is shown only once",
    schema: resource.createdUserReply,
  },
  problems: { 409: TAKEN, ...CHANGES },
} satisfies AnyOperation;

/** Changes a user. */
export const changeUser = {
  ...USER,
  id: "changeUser",
  method: "post",
  summary:
    "Changes role or team of a user of your organization, or disables one",
  details: "You cannot change yourself, so that an organization keeps an " +
    "admin. Role and team of external users come from the identity provider.",
  body: resource.changeUserRequest,
  reply: { summary: "The user", schema: resource.userState },
  problems: CHANGES,
} satisfies AnyOperation;

/** Removes a user. */
export const removeUser = {
  ...USER,
  id: "removeUser",
  method: "delete",
  summary: "Removes a user of your organization, with their keys and tunnels",
  details:
    "You cannot remove yourself, so that an organization keeps an admin.",
  reply: { summary: "The user is gone", schema: resource.removedReply },
  problems: CHANGES,
} satisfies AnyOperation;

/** Lists invitations. */
export const listInvitations = {
  ...INVITATIONS,
  id: "listInvitations",
  method: "get",
  summary: "The invitations to your organization, newest first",
  reply: {
    summary: "The invitations, without their links",
    schema: resource.invitationList,
  },
} satisfies AnyOperation;

/** Makes an invitation. */
export const createInvitation = {
  ...INVITATIONS,
  id: "createInvitation",
  method: "post",
  summary: "Makes a link by which one person becomes a user",
  details: "The link works once. The person chooses a name and gets a key.",
  body: resource.createInvitationRequest,
  reply: {
    status: 201,
    summary: "The invitation and its link, which is shown only once",
    schema: resource.createdInvitationReply,
  },
  problems: CHANGES,
} satisfies AnyOperation;

/** Revokes an invitation. */
export const revokeInvitation = {
  ...INVITATIONS,
  path: "/{user}/invitations/{invitation}",
  id: "revokeInvitation",
  method: "delete",
  summary: "Revokes an invitation that nobody has used",
  reply: { summary: "The link opens nothing", schema: resource.removedReply },
  problems: CHANGES,
} satisfies AnyOperation;

/** Lists another user's keys. */
export const listUserKeys = {
  ...USER_KEYS,
  id: "listUserKeys",
  method: "get",
  summary: "The access keys of a user of your organization",
  reply: {
    summary: "The keys, without their secrets",
    schema: resource.keyList,
  },
} satisfies AnyOperation;

/** Creates a key for a service account. */
export const createUserKey = {
  ...USER_KEYS,
  id: "createUserKey",
  method: "post",
  summary: "Creates an access key for a service account of your organization",
  details: "People create their own keys.",
  body: resource.createKeyRequest,
  reply: {
    status: 201,
    summary: "The key, which is shown only once",
    schema: resource.createdKeyReply,
  },
  problems: {
    400: "The body is wrong, or the user is not a service account",
    409: TAKEN,
    ...CHANGES,
  },
} satisfies AnyOperation;

/** Revokes another user's key. */
export const revokeUserKey = {
  ...USER_KEYS,
  path: "/{user}/users/{name}/keys/{key}",
  id: "revokeUserKey",
  method: "delete",
  summary: "Revokes an access key of a user of your organization",
  reply: { summary: "The key no longer works", schema: resource.removedReply },
  problems: CHANGES,
} satisfies AnyOperation;

/** Reads the audit log. */
export const readAudit = {
  ...USERS,
  path: "/{user}/audit",
  id: "readAudit",
  method: "get",
  summary: "Who did what in your organization, newest first",
  query: resource.auditLogQuery,
  reply: {
    summary: "Entries of the audit log",
    schema: resource.auditLogReply,
  },
} satisfies AnyOperation;
