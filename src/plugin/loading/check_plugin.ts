/*
 * Checks what a plugin file exports, and the options that the configuration has
 * for it. The check is strict: a misspelt hook would never be called.
 */
import { distance } from "fastest-levenshtein";
import { HOOKS } from "../api/hook_names.ts";
import type { Match } from "../api/match.ts";
import type { Plugin } from "../api/plugin.ts";
import { readMatch } from "../results/match_requests.ts";
import { isObject, valueKindOf } from "../results/value_kind.ts";

/** A plugin whose parts have the right types. */
export interface CheckedPlugin {
  readonly name: string;
  readonly plugin: Plugin;
  /** Its `match`, checked, as plain data. */
  readonly match: readonly Match[] | undefined;
  /** The schema of its options, if it exports one. */
  readonly schema: Schema | undefined;
}

/** The part of Standard Schema 1 that is used. zod and others implement it. */
export interface Schema {
  readonly "~standard": {
    readonly validate: (value: unknown) => unknown;
  };
}

/** Valid as a label of a metric and as a key of a file. */
const NAME = /^[\w-]{1,64}$/;

/** Edits between a typo and a hook. More are not a typo. */
const MAX_EDITS = 3;

/**
 * Checks the exports of a plugin file.
 *
 * @param fileName The name of the plugin by default.
 * @throws {TypeError} With the reason, without the name of the file.
 */
export function checkPlugin(
  exported: Readonly<Record<string, unknown>>,
  fileName: string,
): CheckedPlugin {
  const plugin = exported["default"];
  if (plugin === undefined) {
    throw new TypeError('it has no default export, add "export default { … }"');
  }
  const keys = isObject(plugin) ? keysOf(plugin) : undefined;
  if (!isObject(plugin) || keys === undefined) {
    throw new TypeError(
      `its default export is ${valueKindOf(plugin)}, export an object of hooks`,
    );
  }
  for (const key of keys) checkKey(plugin, key);
  const name = nameOf(plugin, fileName);
  const match = readMatch(plugin["match"]);
  return { name, plugin, match, schema: schemaOf(exported) };
}

/** Its own keys and those of its classes, which hold the methods. */
function keysOf(plugin: object): readonly (string | symbol)[] {
  const keys: (string | symbol)[] = [];
  for (
    let level: unknown = plugin;
    isObject(level) && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    keys.push(...Reflect.ownKeys(level));
  }
  return keys.filter((key) => key !== "constructor");
}

function checkKey(
  plugin: Readonly<Record<PropertyKey, unknown>>,
  key: string | symbol,
): void {
  if (key === "name" || key === "match") return;
  const isHook = HOOKS.some((hook) => hook === key) ||
    key === Symbol.asyncDispose;
  if (!isHook) {
    throw new TypeError(`unknown hook "${String(key)}", ${advice(key)}`);
  }
  const value = plugin[key];
  if (typeof value === "function" || value === undefined) return;
  throw new TypeError(
    `"${String(key)}" is ${valueKindOf(value)}, make it a function`,
  );
}

function advice(key: string | symbol): string {
  if (key === Symbol.dispose) return 'did you mean "[Symbol.asyncDispose]"?';
  const text = String(key);
  const [nearest] = [...HOOKS, "name", "match"]
    .map((hook) => ({ hook, edits: distance(text.toLowerCase(), hook) }))
    .filter(({ edits, hook }) => edits <= MAX_EDITS && edits < hook.length / 2)
    .sort((a, b) => a.edits - b.edits);
  if (nearest !== undefined) return `did you mean "${nearest.hook}"?`;
  return `hooks are ${HOOKS.join(", ")}; keep other values outside the object`;
}

function nameOf(
  plugin: Readonly<Record<PropertyKey, unknown>>,
  fileName: string,
): string {
  const name = plugin["name"] ?? fileName.replace(/\.\w+$/, "");
  if (typeof name === "string" && NAME.test(name)) return name;
  throw new TypeError(
    `its name is ${JSON.stringify(name)}, ` +
      "use 1 to 64 letters, digits, _ and -",
  );
}

function schemaOf(
  exported: Readonly<Record<string, unknown>>,
): Schema | undefined {
  const schema = exported["options"];
  if (schema === undefined) return undefined;
  if (isSchema(schema)) return schema;
  throw new TypeError(
    `its export "options" is ${valueKindOf(schema)}, ` +
      "use a schema of zod or another library with Standard Schema",
  );
}

function isSchema(value: unknown): value is Schema {
  if (!isObject(value)) return false;
  const standard = value["~standard"];
  return isObject(standard) && typeof standard["validate"] === "function";
}

/** Issues that a message names. More do not help. */
const MAX_ISSUES = 5;

/**
 * Validates options with the plugin's schema, which adds defaults. Missing options
 * are an empty object, so that defaults apply.
 *
 * @throws {TypeError} With the issues that the schema reports.
 */
export async function checkOptions(
  given: unknown,
  schema: Schema | undefined,
): Promise<unknown> {
  const options = given ?? {};
  if (schema === undefined) return options;
  const result = await schema["~standard"].validate(options);
  const issues = isObject(result) ? result["issues"] : undefined;
  if (Array.isArray(issues)) {
    throw new TypeError(issues.slice(0, MAX_ISSUES).map(describe).join("; "));
  }
  return isObject(result) ? result["value"] : undefined;
}

/** `names.shop: Invalid input`. */
function describe(issue: unknown): string {
  if (!isObject(issue)) return "Invalid input";
  const message = String(issue["message"]);
  const path = Array.isArray(issue["path"]) ? issue["path"] : [];
  if (path.length === 0) return message;
  return `${path.map(segment).join(".")}: ${message}`;
}

/** A segment is a key, or an object that holds one. */
function segment(part: unknown): string {
  return String(isObject(part) ? part["key"] : part);
}
