/** Curl commands for the operations, with required parameters only. */
import type { JsonSchema } from "../../../api/document/json_schema.ts";
import type {
  OpenApiDocument,
  OpenApiOperation,
} from "../../../api/document/openapi.ts";

/** An operation with its method and path. */
export interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** The command. Curl prompts for the access key: command lines are visible to other users. */
export function restCommand(
  { method, path, operation }: Endpoint,
  { document, user, hasOwnCa, base }: {
    readonly document: OpenApiDocument;
    readonly user: string;
    /** Whether curl needs the CA of the server's certificate. */
    readonly hasOwnCa: boolean;
    /** URL prefix of all paths. */
    readonly base: string;
  },
): string {
  const { requestBody } = operation;
  // Content that is not required says the same as the query.
  const schema = requestBody?.required
    ? requestBody.content["application/json"]?.schema
    : undefined;
  const body = schema && JSON.stringify(exampleOf(schema, document));
  const url = base + path.replace("{user}", user)
    .replace(/\{(\w+)\}/g, (_, part: string) => part.toUpperCase()) +
    queryOf(operation, document);
  return [
    operation.security === undefined ? `curl -u ${user}` : "curl",
    ...hasOwnCa ? ["--cacert ca.pem"] : [],
    ...method === "GET" ? [] : [`-X ${method}`],
    ...body === undefined
      ? []
      : ["-H 'Content-Type: application/json'", `-d '${body}'`],
    url.includes("?") ? `'${url}'` : url,
  ].join(" \\\n  ");
}

function queryOf(
  { parameters = [] }: OpenApiOperation,
  document: OpenApiDocument,
): string {
  const required = parameters.filter((each) =>
    each.in === "query" && each.required
  )
    .map(({ name, schema }) => `${name}=${exampleOf(schema, document)}`);
  return required.length === 0 ? "" : `?${required.join("&")}`;
}

/** A value that matches the schema. */
function exampleOf(schema: JsonSchema, document: OpenApiDocument): unknown {
  const { $ref, examples = [], properties = {}, required = [] } = schema;
  if ($ref !== undefined) {
    const found = document.components.schemas[$ref.split("/").at(-1) ?? ""];
    return found && exampleOf(found, document);
  }
  if (examples.length > 0) return examples[0];
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        required.map((name) => [
          name,
          exampleOf(properties[name] ?? {}, document),
        ]),
      );
    case "boolean":
      return true;
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    default:
      return "…";
  }
}
