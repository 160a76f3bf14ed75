/* Checks the options of a plugin with its own schema. */
import type { OptionIssue } from "../api/errors.ts";
import { isObject } from "../results/value_kind.ts";
import { advice } from "./near_miss.ts";

/** The part of Standard Schema 1 that is used. zod and others implement it. */
export interface Schema {
  readonly "~standard": {
    readonly validate: (value: unknown) => unknown;
  };
}

/** Most issues in one message, as many as a screen has lines. */
const MAX_ISSUES = 20;
/** Characters of one message: a few sentences. */
const MAX_MESSAGE = 1_000;
/** Keys to an option. Nobody writes deeper tables. */
const MAX_DEPTH = 16;

/** Options that a schema refuses. */
export class OptionsError extends TypeError {
  /** In the order of the schema. */
  readonly issues: readonly OptionIssue[];

  /** @param issues At least one. */
  constructor(issues: readonly OptionIssue[]) {
    super(issues.map(issueText).join("; "));
    this.issues = issues;
  }
}

/**
 * Validates options with the plugin's schema, which adds defaults. Missing options
 * are an empty object, so that defaults apply.
 *
 * @throws {OptionsError} With the issues that the schema reports, and keys that it does not know.
 */
export async function checkOptions(
  given: unknown,
  schema: Schema | undefined,
): Promise<unknown> {
  const options = given ?? {};
  if (schema === undefined) return options;
  const result = await schema["~standard"].validate(options);
  const reported = isObject(result) ? result["issues"] : undefined;
  const issues = [
    ...(Array.isArray(reported) ? reported : []).flatMap((issue) =>
      issuesOf(issue, schema)
    ),
    ...droppedKeys(options, schema, []),
  ];
  if (issues.length > 0) throw new OptionsError(issues.slice(0, MAX_ISSUES));
  return isObject(result) ? result["value"] : undefined;
}

/** `names.shop: Invalid input`. */
export function issueText({ path, message }: OptionIssue): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}

/** Issues from a worker, whose end a plugin may have got hold of. */
export function readIssues(value: unknown): readonly OptionIssue[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.slice(0, MAX_ISSUES).map((issue: unknown) => {
    const { path, message } = isObject(issue) ? issue : {};
    return {
      path: Array.isArray(path) ? path.slice(0, MAX_DEPTH).map(keyOf) : [],
      message: String(message).slice(0, MAX_MESSAGE),
    };
  });
}

function keyOf(part: unknown): string {
  return String(part).slice(0, MAX_MESSAGE);
}

/** An issue of a schema. zod names all unknown keys of one table in one issue. */
function issuesOf(issue: unknown, schema: Schema): readonly OptionIssue[] {
  if (!isObject(issue)) return [{ path: [], message: "Invalid input" }];
  const path = Array.isArray(issue["path"]) ? issue["path"].map(segment) : [];
  const keys = issue["keys"];
  if (issue["code"] !== "unrecognized_keys" || !Array.isArray(keys)) {
    return [{ path, message: String(issue["message"]) }];
  }
  const known = Object.keys(tableOf(schemaAt(schema, path))?.shape ?? {});
  return keys.map((key) => unknownKey([...path, String(key)], known));
}

/** A segment is a key, or an object that holds one. */
function segment(part: unknown): string {
  return String(isObject(part) ? part["key"] : part);
}

/**
 * Keys that a schema drops without a word: the option that was meant has its
 * default then. Only schemas of zod say which keys they know.
 */
function droppedKeys(
  given: unknown,
  schema: unknown,
  path: readonly string[],
): readonly OptionIssue[] {
  const { shape, drops } = tableOf(schema) ?? {};
  if (!isObject(given) || shape === undefined) return [];
  return Object.keys(given).flatMap((key) => {
    const here = [...path, key];
    if (Object.hasOwn(shape, key)) {
      return droppedKeys(given[key], shape[key], here);
    }
    return drops ? [unknownKey(here, Object.keys(shape))] : [];
  });
}

function unknownKey(
  path: readonly string[],
  known: readonly string[],
): OptionIssue {
  const otherwise = known.length === 0
    ? "remove it"
    : `options are ${known.join(", ")}`;
  return {
    path,
    message: `unknown option, ${advice(path.at(-1) ?? "", known, otherwise)}`,
  };
}

/** The schema of a part. */
function schemaAt(schema: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => tableOf(at)?.shape[key], schema);
}

/** What a schema of a table says about itself. */
interface Table {
  /** The schemas of its keys. */
  readonly shape: Readonly<Record<string, unknown>>;
  /** Whether it drops other keys. */
  readonly drops: boolean;
}

/** A schema of a table, behind `optional()` and `default()`. */
function tableOf(schema: unknown): Table | undefined {
  let inner = schema;
  for (let depth = 0; depth < MAX_DEPTH && isObject(inner); depth += 1) {
    const { shape, def } = inner;
    if (!isObject(def)) return undefined;
    if (isObject(shape)) return { shape, drops: def["catchall"] === undefined };
    inner = def["innerType"];
  }
  return undefined;
}
