/**
 * The OpenAPI document of the client's status API.
 */
import {
  type OpenApiDocument,
  openApiDocument,
} from "../../api/document/openapi.ts";
import { type AnyOperation, NO_INPUT } from "../../api/operations/operation.ts";

const TEXT = "text/plain";
const JSON_TYPE = "application/json";

/** Every path, in the order of the index page. */
const OPERATIONS: readonly AnyOperation[] = [
  look("/", "How the client is, with links to all of this, as a page", {
    type: "text/html",
  }),
  look("/readyz", "Whether tests may start", {
    type: TEXT,
    problems: { 503: "Not yet, not at the moment, or not any more" },
  }),
  look("/healthz", "Whether the client is connected, or soon is again", {
    type: TEXT,
    problems: { 503: "Not connected yet, stopping, or lost for a minute" },
  }),
  look("/info", "The tunnel, its sessions and rules", { type: JSON_TYPE }),
  look("/version", "Which program runs", { type: JSON_TYPE }),
  look("/configz", "All options, one in a line, secrets redacted", {
    type: TEXT,
  }),
  look("/metrics", "Metrics for Prometheus, or OpenMetrics when asked for", {
    type: TEXT,
  }),
  look("/pac", "The PAC that chooses the way to a site", {
    type: "application/x-ns-proxy-autoconfig",
    problems: { 404: "There is none" },
  }),
  look("/inspector", "The exchanges that have passed, as a page", {
    type: "text/html",
    problems: { 404: "There is no inspector" },
  }),
  look("/openapi.json", "This API as an OpenAPI document", { type: JSON_TYPE }),
];

/**
 * Makes the document.
 *
 * @param origin Where the API is: `http://127.0.0.1:8032`.
 */
export function statusDocument(
  version: string,
  origin?: string,
): OpenApiDocument {
  return openApiDocument({
    info: { title: "Sallyport client: status API", version },
    ...origin !== undefined && { basePath: origin },
    operations: OPERATIONS,
    withoutCredentials: true,
    errorsOf: ({ problems = {} }) =>
      Object.fromEntries(
        Object.entries({
          ...problems,
          401: "The credentials are missing or wrong",
          429: "Too many wrong credentials came from this address",
        }).map(([status, description]) => [status, { description }]),
      ),
  });
}

/** An operation that only shows something. */
function look(
  path: string,
  summary: string,
  { type, problems = {} }: {
    readonly type: string;
    readonly problems?: Readonly<Record<number, string>>;
  },
): AnyOperation {
  return {
    ...NO_INPUT,
    // `/openapi.json` is `getOpenapiJson`.
    id: `get${path.replace(/\W+(\w?)/g, (_, first) => first.toUpperCase())}`,
    method: "get",
    path,
    group: "Status",
    summary,
    reply: { summary, type },
    problems,
  };
}
