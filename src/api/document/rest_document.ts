/**
 * The OpenAPI document of the server's REST API.
 *
 * @module
 */
import { z } from "zod";
import {
  changeUser,
  createKey,
  createUser,
  createUserKey,
  getOrganization,
  listKeys,
  listUserKeys,
  listUsers,
  readAudit,
  removeUser,
  revokeKey,
  revokeUserKey,
} from "../operations/account_operations.ts";
import {
  getUpdates,
  probeTunnel,
  reportCrash,
  sendHeartbeat,
} from "../operations/client_operations.ts";
import {
  type OpenApiDocument,
  openApiDocument,
  type Refusal,
} from "./openapi.ts";
import {
  type AnyOperation,
  noContent,
  scopesOf,
} from "../operations/operation.ts";
import {
  getBrowserCa,
  getDocument,
  getDownload,
  getVersions,
} from "../operations/public_operations.ts";
import {
  countJobs,
  createTunnel,
  getTunnel,
  listAllTunnels,
  listJobs,
  listTunnels,
  stopTunnel,
  stopTunnels,
} from "../operations/tunnel_operations.ts";
import { errorReply } from "../resources/tunnel_replies.ts";
import { TUNNEL_ID } from "../resources/tunnel_resource.ts";

/** Where all paths of the API begin. */
export const REST_PATH = "/rest/v1";
/** Largest content of a request in bytes: five full lists of domains are the longest thing there is. */
export const MAX_BODY_BYTES: number = 1024 * 1024;

/** All there is, in the order in which it is read. */
const OPERATIONS: readonly AnyOperation[] = [
  createTunnel,
  listTunnels,
  getTunnel,
  countJobs,
  listJobs,
  stopTunnel,
  stopTunnels,
  listAllTunnels,
  getUpdates,
  sendHeartbeat,
  probeTunnel,
  reportCrash,
  listKeys,
  createKey,
  revokeKey,
  getOrganization,
  listUsers,
  createUser,
  changeUser,
  removeUser,
  listUserKeys,
  createUserKey,
  revokeUserKey,
  readAudit,
  getVersions,
  getDownload,
  getBrowserCa,
  getDocument,
];

const PARAMETERS: Readonly<Record<string, z.ZodType>> = {
  user: z.string().describe("Your user name."),
  id: z.string().regex(new RegExp(`^${TUNNEL_ID}$`)).describe(
    "Id of a tunnel.",
  ),
  name: z.string().describe("Name of a user of your organization."),
  key: z.string().describe("Name of a key."),
};

const DESCRIPTION =
  "Starts, stops, lists and inspects tunnels, and manages users and keys. User name " +
  "and access key are given as Basic credentials; a key of scope `all` will " +
  "do for everything that its user may, the others for what is said. What goes wrong is told as " +
  '`{"error": "…"}`. A parameter or field that is not listed is an error. A ' +
  "server that checks too many keys at the moment answers 503 with `Retry-After`.";

/** Makes the document. */
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
    refusals: refusalsOf,
    refusal: errorReply,
  });
}

/** The same, saying which keys will do besides those that will do everywhere. */
function withScopes(operation: AnyOperation): AnyOperation {
  const { details, isPublic = false } = operation;
  const scopes = isPublic ? [] : scopesOf(operation);
  if (scopes.length === 0) return operation;
  const words = ["all", ...scopes].map((scope) => `\`${scope}\``).join(", ");
  const keys = `For keys of the scopes ${words}.`;
  return {
    ...operation,
    details: details === undefined ? keys : `${details} ${keys}`,
  };
}

/** What `operation` may refuse, most of it on behalf of all. */
function refusalsOf(operation: AnyOperation): Record<string, Refusal> {
  const { method, path, body, isPublic = false, problems = {} } = operation;
  const refusals: Record<string, Refusal> = {
    400: { description: "A parameter or the content is wrong" },
    ...isPublic ? {} : { 401: CREDENTIALS },
    ...forbidden({ method, isPublic }),
    ...isPublic ? {} : { 404: { description: absenceOf(path) } },
    ...body === noContent ? {} : {
      413: {
        description: `The content is larger than ${MAX_BODY_BYTES} bytes`,
      },
      415: { description: "The content is not said to be application/json" },
    },
    429: TOO_MANY,
  };
  for (const [status, problem] of Object.entries(problems)) {
    refusals[status] = typeof problem === "string"
      ? { ...refusals[status], description: problem }
      : { description: problem.delay, headers: RETRY_AFTER };
  }
  return refusals;
}

function forbidden(
  { method, isPublic }: Pick<AnyOperation, "method" | "isPublic">,
): Record<string, Refusal> {
  const reasons = [
    ...isPublic ? [] : ["The scope of the key does not allow it"],
    ...method === "get"
      ? []
      : ["a browser sent it from a page of another site"],
  ];
  return reasons.length === 0
    ? {}
    : { 403: { description: reasons.join(", or ") } };
}

function absenceOf(path: string): string {
  const others = "the path is another user's";
  if (path.includes("{id}")) {
    return `There is no such tunnel for you, or ${others}`;
  }
  if (path.includes("{key}")) return `There is no such key, or ${others}`;
  if (path.includes("{name}")) {
    return `There is no such user in your organization, or ${others}`;
  }
  return "The path is another user's";
}

const CREDENTIALS: Refusal = {
  description: "User name or access key is missing or wrong",
  headers: { "WWW-Authenticate": { schema: { type: "string" } } },
};

const RETRY_AFTER: NonNullable<Refusal["headers"]> = {
  "Retry-After": {
    description: "Seconds to wait.",
    schema: { type: "integer", minimum: 1 },
  },
};

const TOO_MANY: Refusal = {
  description: "Too many requests, or too many failed logins",
  headers: RETRY_AFTER,
};
