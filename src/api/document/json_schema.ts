/**
 * Zod's schemas as JSON Schema (2020-12), the language of OpenAPI 3.1. Schemas
 * with an `id` become components of the document and are referred to.
 *
 * @module
 */
import { z } from "zod";

/** A JSON Schema, as far as ours go. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly examples?: readonly unknown[];
}

/** Where components are found in a document. */
export const COMPONENTS = "#/components/schemas/";

const ZOD_DEFINITIONS = "#/$defs/";

/** Translates schemas, and gathers those that have an `id`. */
export class SchemaWriter {
  /** What was gathered, by `id`. */
  readonly components: Record<string, JsonSchema> = {};

  /** What `schema` accepts. */
  write(schema: z.ZodType): JsonSchema {
    // What is sent, not what we make of it: of a flag "1", not `true`.
    const written = z.toJSONSchema(schema, { io: "input" });
    const { $schema: _, $defs = {}, ...rest } = readSchema(written);
    Object.assign(this.components, $defs);
    return rest;
  }
}

type WrittenSchema = JsonSchema & {
  readonly $schema?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
};

/** The same as plain JSON, with references into our document. */
function readSchema(written: object): WrittenSchema {
  return JSON.parse(
    JSON.stringify(
      written,
      (name, value) =>
        name === "$ref" && typeof value === "string"
          ? value.replace(ZOD_DEFINITIONS, COMPONENTS)
          : withoutHugeBounds(value),
    ),
  );
}

/** Every integer of JavaScript has bounds; that is no news. */
function withoutHugeBounds(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!("maximum" in value) || value.maximum !== Number.MAX_SAFE_INTEGER) {
    return value;
  }
  const { maximum: _, ...rest } = value;
  return rest;
}
