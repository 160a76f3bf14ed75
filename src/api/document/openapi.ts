/** The OpenAPI document (3.1) of an API, generated from its operations. */
import type { z } from "zod";
import { type JsonSchema, SchemaWriter } from "./json_schema.ts";
import {
  type AnyOperation,
  noContent,
  type SuccessReply,
} from "../operations/operation.ts";

/** A document that describes an API. */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description?: string;
  };
  readonly servers?: readonly { readonly url: string }[];
  readonly tags?: readonly { readonly name: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, OpenApiOperation>>>
  >;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, unknown>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

/** One method of one path. */
export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly never[];
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: OpenApiContent;
  };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

/** Part of a path, or a parameter of a query. */
export interface OpenApiParameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** One response. */
export interface OpenApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, OpenApiHeader>>;
  readonly content?: OpenApiContent;
}

/** A field of a response. */
export interface OpenApiHeader {
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** Media type → its schema. */
export type OpenApiContent = Readonly<
  Record<string, { readonly schema?: JsonSchema }>
>;

/** An error response: when it occurs, and its fields. */
export interface ErrorResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, OpenApiHeader>>;
}

/** The source of a document. */
export interface ApiDescription {
  readonly info: OpenApiDocument["info"];
  /** The prefix of its paths. */
  readonly basePath?: string;
  readonly operations: readonly AnyOperation[];
  /** Schemas of path parameters, by name. */
  readonly parameters?: Readonly<Record<string, z.ZodType>>;
  /** The errors of an operation, by status. */
  readonly errorsOf: (
    operation: AnyOperation,
  ) => Readonly<Record<string, ErrorResponse>>;
  /** Body of an error; anything by default. */
  readonly errorBody?: z.ZodType;
  /** Whether it may be called without credentials. */
  readonly withoutCredentials?: boolean;
}

const JSON_TYPE = "application/json";

/** Generates the document. */
export function openApiDocument(api: ApiDescription): OpenApiDocument {
  const writer = new SchemaWriter();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of api.operations) {
    const path = paths[operation.path] ??= {};
    path[operation.method] = document(operation, { api, writer });
  }
  const groups = new Set(api.operations.map(({ group }) => group));
  return {
    openapi: "3.1.0",
    info: api.info,
    ...api.basePath === undefined ? {} : { servers: [{ url: api.basePath }] },
    tags: [...groups].map((name) => ({ name })),
    security: [
      ...api.withoutCredentials ? [{}] : [],
      { basic: [] },
    ],
    paths,
    components: {
      securitySchemes: { basic: { type: "http", scheme: "basic" } },
      schemas: writer.components,
    },
  };
}

interface Sources {
  readonly api: ApiDescription;
  readonly writer: SchemaWriter;
}

function document(
  operation: AnyOperation,
  { api, writer }: Sources,
): OpenApiOperation {
  const { id, group, summary, details, body, options } = operation;
  const content = options ?? (body === noContent ? undefined : body);
  const parameters = [
    ...pathParameters(operation.path, { api, writer }),
    ...queryParameters(operation.query, writer),
  ];
  return {
    operationId: id,
    tags: [group],
    summary,
    ...details === undefined ? {} : { description: details },
    ...operation.isPublic ? { security: [] } : {},
    ...parameters.length === 0 ? {} : { parameters },
    ...content === undefined ? {} : {
      requestBody: {
        required: options === undefined,
        content: { [JSON_TYPE]: { schema: writer.write(content) } },
      },
    },
    responses: {
      [operation.reply.status ?? 200]: success(operation.reply, writer),
      ...failures(operation, { api, writer }),
    },
  };
}

function pathParameters(
  path: string,
  { api: { parameters = {} }, writer }: Sources,
): readonly OpenApiParameter[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => {
    const schema = parameters[name];
    if (schema === undefined) throw new TypeError(`"${name}" has no schema`);
    return parameter(name, {
      place: "path",
      required: true,
      schema: writer.write(schema),
    });
  });
}

function queryParameters(
  query: z.ZodType,
  writer: SchemaWriter,
): readonly OpenApiParameter[] {
  const { properties = {}, required = [] } = writer.write(query);
  return Object.entries(properties).map(([name, schema]) =>
    parameter(name, {
      place: "query",
      required: required.includes(name),
      schema,
    })
  );
}

function parameter(
  name: string,
  { place, required, schema: { description, ...schema } }: {
    readonly place: OpenApiParameter["in"];
    readonly required: boolean;
    readonly schema: JsonSchema;
  },
): OpenApiParameter {
  return {
    name,
    in: place,
    required,
    ...description === undefined ? {} : { description },
    schema,
  };
}

function success(
  { summary, type = JSON_TYPE, schema, headers = {} }: SuccessReply,
  writer: SchemaWriter,
): OpenApiResponse {
  const fields = Object.entries(headers).map(([name, value]) =>
    [name, { schema: { const: value } }] as const
  );
  return {
    description: summary,
    ...fields.length === 0 ? {} : { headers: Object.fromEntries(fields) },
    content: {
      [type]: schema === undefined ? {} : { schema: writer.write(schema) },
    },
  };
}

function failures(
  operation: AnyOperation,
  { api, writer }: Sources,
): Record<string, OpenApiResponse> {
  const { errorBody } = api;
  const content = errorBody === undefined
    ? {}
    : { content: { [JSON_TYPE]: { schema: writer.write(errorBody) } } };
  return Object.fromEntries(
    Object.entries(api.errorsOf(operation)).map((
      [status, { description, headers }],
    ) => [status, {
      description,
      ...headers === undefined ? {} : { headers },
      ...content,
    }]),
  );
}
