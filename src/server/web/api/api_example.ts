/**
 * How to ask an operation with curl: what must be given, and nothing else.
 *
 * @module
 */
import type { JsonSchema } from "../../../api/document/json_schema.ts";
import type {
  OpenApiDocument,
  OpenApiOperation,
} from "../../../api/document/openapi.ts";

/** Where an operation is. */
export interface ExamplePlace {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

/** The command; curl asks for the access key, so that it is in no list of processes. */
export function curlOf(
  { method, path, operation }: ExamplePlace,
  { document, user, hasOwnCa, base }: {
    readonly document: OpenApiDocument;
    readonly user: string;
    /** Whether curl must be told to trust the server's certificate. */
    readonly hasOwnCa: boolean;
    /** Where all paths begin. */
    readonly base: string;
  },
): string {
  const schema = operation.requestBody?.content["application/json"]?.schema;
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
  const needed = parameters.filter((each) =>
    each.in === "query" && each.required
  )
    .map(({ name, schema }) => `${name}=${exampleOf(schema, document)}`);
  return needed.length === 0 ? "" : `?${needed.join("&")}`;
}

/** A value that fits. */
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
