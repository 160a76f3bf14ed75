import { z } from "zod";
import * as accounts from "../operations/account_operations.ts";
import * as clients from "../operations/client_operations.ts";
import {
  type ErrorResponse,
  type OpenApiDocument,
  openApiDocument,
} from "./openapi.ts";
import {
  type AnyOperation,
  noContent,
  REST_PATH,
  scopesOf,
} from "../operations/operation.ts";
import * as open from "../operations/public_operations.ts";
import * as tunnels from "../operations/tunnel_operations.ts";
import { errorReply } from "../resources/tunnel_replies.ts";
import { TUNNEL_ID } from "../resources/tunnel_resource.ts";

/** Largest request body in bytes. The largest legitimate one has five full lists of domains. */
export const MAX_BODY_BYTES: number = 1024 * 1024;

/** All operations, in the order of the document. */
export const OPERATIONS: readonly AnyOperation[] = [
  tunnels.createTunnel,
  tunnels.listTunnels,
  tunnels.getTunnel,
  tunnels.countJobs,
  tunnels.listJobs,
  tunnels.stopTunnel,
  tunnels.stopTunnels,
  tunnels.listAllTunnels,
  clients.getUpdates,
  clients.sendHeartbeat,
  clients.probeTunnel,
  clients.reportCrash,
  accounts.listKeys,
  accounts.createKey,
  accounts.revokeKey,
  accounts.getOrganization,
  accounts.listUsers,
  accounts.createUser,
  accounts.changeUser,
  accounts.removeUser,
  accounts.listInvitations,
  accounts.createInvitation,
  accounts.revokeInvitation,
  accounts.listUserKeys,
  accounts.createUserKey,
  accounts.revokeUserKey,
  accounts.readAudit,
  open.getVersions,
  open.getDownload,
  open.getBrowserCa,
  open.getDocument,
];

const PARAMETERS: Readonly<Record<string, z.ZodType>> = {
  user: z.string().describe("Your user name."),
  id: z.string().regex(new RegExp(`^${TUNNEL_ID}$`)).describe(
    "Id of a tunnel.",
  ),
  name: z.string().describe("Name of a user of your organization."),
  key: z.string().describe("Name of a key."),
  invitation: z.string().describe("Id of an invitation."),
};

const DESCRIPTION =
  "Starts, stops, lists and inspects tunnels, and manages users and keys. " +
  "Authenticate with user name and access key as Basic credentials. A key of " +
  "scope `all` permits everything that its user may do; each operation lists the " +
  'other scopes that permit it. Errors have the form `{"error": "…"}`. An unknown ' +
  "parameter or field is an error. A server with too many logins at the moment " +
  "responds with 503 and `Retry-After`.";

/** Generates the document. */
export function restDocument(version: string): OpenApiDocument {
  return openApiDocument({
    info: {
      title: "Sallyport server: REST API",
      version,
      description: DESCRIPTION,
    },
    basePath: REST_PATH,
    operations: OPERATIONS.map(withScopes),
    parameters: PARAMETERS,
    errorsOf,
    errorBody: errorReply,
  });
}

/** Adds the scopes that permit the operation to its description. */
function withScopes(operation: AnyOperation): AnyOperation {
  const { details, isPublic = false } = operation;
  const scopes = isPublic ? [] : scopesOf(operation);
  if (scopes.length === 0) return operation;
  const words = ["all", ...scopes].map((scope) => `\`${scope}\``).join(", ");
  const keys = `Keys of the scopes ${words} permit it.`;
  return {
    ...operation,
    details: details === undefined ? keys : `${details} ${keys}`,
  };
}

/** The errors of `operation`, including those that all operations have. */
function errorsOf(operation: AnyOperation): Record<string, ErrorResponse> {
  const { method, path, body, options, isPublic = false, problems = {} } =
    operation;
  const errors: Record<string, ErrorResponse> = {
    400: { description: "A parameter or the body is wrong" },
    ...isPublic ? {} : { 401: CREDENTIALS },
    ...forbidden({ method, isPublic }),
    ...isPublic ? {} : { 404: { description: absenceOf(path) } },
    ...body === noContent && options === undefined ? {} : {
      413: {
        description: `The body is larger than ${MAX_BODY_BYTES} bytes`,
      },
      415: { description: "The content type is not application/json" },
    },
    429: TOO_MANY,
  };
  for (const [status, problem] of Object.entries(problems)) {
    errors[status] = typeof problem === "string"
      ? { ...errors[status], description: problem }
      : { description: problem.delay, headers: RETRY_AFTER };
  }
  return errors;
}

function forbidden(
  { method, isPublic }: Pick<AnyOperation, "method" | "isPublic">,
): Record<string, ErrorResponse> {
  const reasons = [
    ...isPublic ? [] : ["The scope of the key does not allow it"],
    ...method === "get" ? [] : ["the request came from a page of another site"],
  ];
  return reasons.length === 0
    ? {}
    : { 403: { description: reasons.join(", or ") } };
}

function absenceOf(path: string): string {
  const others = "the path is another user's";
  if (path.includes("{id}")) {
    return `No tunnel with this id is available to you, or ${others}`;
  }
  if (path.includes("{invitation}")) {
    return `No such unused invitation, or ${others}`;
  }
  if (path.includes("{key}")) return `No such key, or ${others}`;
  if (path.includes("{name}")) {
    return `No such user in your organization, or ${others}`;
  }
  return "The path is another user's";
}

const CREDENTIALS: ErrorResponse = {
  description: "User name or access key is missing or wrong",
  headers: { "WWW-Authenticate": { schema: { type: "string" } } },
};

const RETRY_AFTER: NonNullable<ErrorResponse["headers"]> = {
  "Retry-After": {
    description: "Seconds to wait.",
    schema: { type: "integer", minimum: 1 },
  },
};

const TOO_MANY: ErrorResponse = {
  description: "Too many requests, or too many failed logins",
  headers: RETRY_AFTER,
};
