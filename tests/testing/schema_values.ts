/**
 * Values that a JSON Schema accepts and values that it does not, made from the
 * schema: its bounds, its alternatives, and each of its properties in turn.
 *
 * @module
 */
import type { JsonSchema } from "../../src/api/document/json_schema.ts";

/** Finds what a schema refers to. */
export type Resolve = (schema: JsonSchema) => JsonSchema;

/** Texts of which some fit the pattern of any of our schemas, and some do not. */
const TEXTS: readonly string[] = [
  ...["lab", "h2c", "h2c,kgp", "build=7", "a=,b=c=d", "0".repeat(32)],
  ...["", " ", ":", "ä", "\n", "=", ",", "tcp"],
];

/** A value of every type. */
const ONE_OF_EACH: readonly unknown[] = [null, true, 7.5, "?", [], {}];

/** Values that `schema` accepts, ordinary ones first. */
export function rightValues(schema: JsonSchema, resolve: Resolve): unknown[] {
  const { anyOf, enum: choices, ...rest } = resolve(schema);
  if (anyOf) return anyOf.flatMap((each) => rightValues(each, resolve));
  if (choices) return [...choices];
  if ("const" in rest) return [rest.const];
  switch (rest.type) {
    case "null":
      return [null];
    case "boolean":
      return [true, false];
    case "integer":
    case "number":
      return [rest.minimum, rest.maximum, (rest.minimum ?? 0) + 1]
        .filter((value) => value !== undefined);
    case "string":
      return textsOf(rest).filter((text) => fits(text, rest));
    case "array":
      return rightLists(rest, resolve);
    case "object":
      return rightObjects(rest, resolve);
    default:
      throw new TypeError(`Cannot make ${JSON.stringify(rest)}`);
  }
}

/** Values that `schema` does not accept; each is wrong in one place. */
export function wrongValues(schema: JsonSchema, resolve: Resolve): unknown[] {
  const resolved = resolve(schema);
  const ofType = ONE_OF_EACH.filter((value) => !hasType(value, resolved));
  return [...ofType, ...wrongOfType(resolved, resolve)];
}

function wrongOfType(schema: JsonSchema, resolve: Resolve): unknown[] {
  const { enum: choices, minimum, maximum } = schema;
  if (choices || "const" in schema) {
    return schema.type === "string" ? ["nonsense"] : [];
  }
  switch (schema.type) {
    case "integer":
    case "number":
      return [
        ...minimum === undefined ? [] : [minimum - 1],
        ...maximum === undefined ? [] : [maximum + 1],
      ];
    case "string":
      return textsOf(schema).filter((text) => !fits(text, schema));
    case "array":
      return wrongLists(schema, resolve);
    case "object":
      return wrongObjects(schema, resolve);
    default:
      return [];
  }
}

function textsOf({ minLength = 0, maxLength }: JsonSchema): readonly string[] {
  return [
    ...TEXTS,
    "x".repeat(Math.max(0, minLength - 1)),
    ...maxLength === undefined
      ? []
      : ["x".repeat(maxLength), "x".repeat(maxLength + 1)],
  ];
}

function fits(
  text: string,
  { pattern, minLength = 0, maxLength = Infinity }: JsonSchema,
): boolean {
  return text.length >= minLength && text.length <= maxLength &&
    (pattern === undefined || new RegExp(pattern, "u").test(text));
}

function hasType(value: unknown, { type, anyOf }: JsonSchema): boolean {
  if (anyOf) return anyOf.some((each) => hasType(value, each));
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null &&
        !Array.isArray(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    default:
      return typeof value === "number";
  }
}

function rightLists(
  { items = {}, maxItems }: JsonSchema,
  resolve: Resolve,
): unknown[] {
  const [first, ...more] = rightValues(items, resolve);
  return [
    [first],
    [],
    ...more.map((each) => [each]),
    ...maxItems === undefined ? [] : [Array(maxItems).fill(first)],
  ];
}

function wrongLists(
  { items = {}, maxItems }: JsonSchema,
  resolve: Resolve,
): unknown[] {
  const [first] = rightValues(items, resolve);
  return [
    ...wrongValues(items, resolve).map((each) => [first, each]),
    ...maxItems === undefined ? [] : [Array(maxItems + 1).fill(first)],
  ];
}

/** Only what must be there. */
function least(schema: JsonSchema, resolve: Resolve): Record<string, unknown> {
  const { properties = {}, required = [] } = schema;
  return Object.fromEntries(
    required.map((
      name,
    ) => [name, rightValues(properties[name] ?? {}, resolve)[0]]),
  );
}

function entries(count: number, value: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`n${at}`, value]),
  );
}

function rightObjects(schema: JsonSchema, resolve: Resolve): unknown[] {
  const { properties = {}, additionalProperties, maxProperties } = schema;
  const base = least(schema, resolve);
  const more = typeof additionalProperties === "object"
    ? rightValues(additionalProperties, resolve)
    : [];
  return [
    base,
    ...Object.entries(properties).flatMap(([name, each]) =>
      rightValues(each, resolve).map((value) => ({ ...base, [name]: value }))
    ),
    ...more.map((value) => entries(1, value)),
    ...maxProperties === undefined ? [] : [entries(maxProperties, more[0])],
  ];
}

function wrongObjects(schema: JsonSchema, resolve: Resolve): unknown[] {
  const { properties = {}, required = [], maxProperties } = schema;
  const { additionalProperties: others, propertyNames = {} } = schema;
  const base = least(schema, resolve);
  const [other] = typeof others === "object"
    ? rightValues(others, resolve)
    : [];
  return [
    ...required.map((name) => {
      const { [name]: _, ...rest } = base;
      return rest;
    }),
    ...Object.entries(properties).flatMap(([name, each]) =>
      wrongValues(each, resolve).map((value) => ({ ...base, [name]: value }))
    ),
    ...others === false ? [{ ...base, unheard: 1 }] : [],
    ...typeof others === "object"
      ? wrongValues(others, resolve).map((value) => entries(1, value))
      : [],
    ...propertyNames.maxLength === undefined
      ? []
      : [{ ["n".repeat(propertyNames.maxLength + 1)]: other }],
    ...maxProperties === undefined ? [] : [entries(maxProperties + 1, other)],
  ];
}
