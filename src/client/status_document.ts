/**
 * The OpenAPI document of the client's status API.
 *
 * @module
 */

interface Operation {
  readonly summary: string;
  readonly type: string;
  /** Status and what it means, besides 200. */
  readonly others?: Readonly<Record<string, string>>;
}

const TEXT = "text/plain";
const JSON_TYPE = "application/json";

/** Every path, in the order of the index page. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  "/": { summary: "Links to all of this", type: "text/html" },
  "/readyz": {
    summary: "Whether tests may start",
    type: TEXT,
    others: { "503": "Not yet, not at the moment, or not any more" },
  },
  "/healthz": {
    summary: "Whether the client is connected, or soon is again",
    type: TEXT,
    others: { "503": "Not connected yet, stopping, or lost for a minute" },
  },
  "/info": { summary: "The tunnel, its sessions and rules", type: JSON_TYPE },
  "/version": { summary: "Which program runs", type: JSON_TYPE },
  "/configz": {
    summary: "All options, one in a line, secrets redacted",
    type: TEXT,
  },
  "/metrics": {
    summary: "Metrics for Prometheus, or OpenMetrics when asked for",
    type: TEXT,
  },
  "/pac": {
    summary: "The PAC that chooses the way to a site",
    type: "application/x-ns-proxy-autoconfig",
    others: { "404": "There is none" },
  },
  "/openapi.json": { summary: "This document", type: JSON_TYPE },
};

/** Makes the document (OpenAPI 3.1). */
export function statusDocument(version: string): Record<string, unknown> {
  return {
    openapi: "3.1.0",
    info: { title: "Sallyport client: status API", version },
    security: [{}, { basic: [] }],
    components: {
      securitySchemes: { basic: { type: "http", scheme: "basic" } },
    },
    paths: Object.fromEntries(
      Object.entries(OPERATIONS).map(([path, operation]) => [
        path,
        { get: documented(operation) },
      ]),
    ),
  };
}

function documented({ summary, type, others = {} }: Operation): unknown {
  const failures = Object.entries({
    ...others,
    "401": "The credentials are missing or wrong",
  });
  return {
    summary,
    responses: {
      "200": { description: summary, content: { [type]: {} } },
      ...Object.fromEntries(
        failures.map(([status, description]) => [status, { description }]),
      ),
    },
  };
}
