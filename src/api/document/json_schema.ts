/**
 * Converts Zod schemas to JSON Schema (2020-12), the language of OpenAPI 3.1.
 * Schemas with an `id` become components of the document, with references to them.
 */
import { z } from "zod";

/** The part of JSON Schema that our schemas use. */
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

/** The path of components in a document. */
export const COMPONENTS = "#/components/schemas/";

const ZOD_DEFINITIONS = "#/$defs/";

/** Converts schemas, and collects those with an `id`. */
export class SchemaWriter {
  /** The collected schemas, by `id`. */
  readonly components: Record<string, JsonSchema> = {};

  /** The JSON Schema of what `schema` accepts. */
  write(schema: z.ZodType): JsonSchema {
    // The input, as a client sends it: "1" for a flag, not `true`.
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

/** Plain JSON, with references into our document. */
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

/** Removes the bounds that every integer of JavaScript has. */
function withoutHugeBounds(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!("maximum" in value) || value.maximum !== Number.MAX_SAFE_INTEGER) {
    return value;
  }
  const { maximum: _, ...rest } = value;
  return rest;
}
