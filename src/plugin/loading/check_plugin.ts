/* Checks what a plugin file exports. It is strict: a misspelt hook would never be called. */
import { HOOKS } from "../api/hook_names.ts";
import type { Match } from "../api/match.ts";
import type { Plugin } from "../api/plugin.ts";
import { readMatch } from "../results/match_requests.ts";
import { isObject, valueKindOf } from "../results/value_kind.ts";
import type { Schema } from "./check_options.ts";
import { nearest } from "./near_miss.ts";

/** A plugin whose parts have the right types. */
export interface CheckedPlugin {
  readonly name: string;
  readonly plugin: Plugin;
  /** Its `match`, checked, as plain data. */
  readonly match: readonly Match[] | undefined;
  /** The schema of its options, if it exports one. */
  readonly schema: Schema | undefined;
}

/** Valid as a label of a metric and as a key of a file. */
const NAME = /^[\w-]{1,64}$/;

/**
 * Checks the exports of a plugin file.
 *
 * @param defaultName The name of the plugin if it has none itself.
 * @param givenName The name that the configuration gives it.
 * @throws {TypeError} With the reason, without the name of the file.
 */
export function checkPlugin(
  exported: Readonly<Record<string, unknown>>,
  defaultName: string,
  givenName?: string,
): CheckedPlugin {
  const plugin = exported["default"];
  if (plugin === undefined) {
    throw new TypeError('it has no default export, add "export default { … }"');
  }
  if (!isObject(plugin)) throw new TypeError(notAnObject(plugin));
  for (const key of keysOf(plugin)) checkKey(plugin, key);
  const name = checkName(givenName ?? plugin["name"] ?? defaultName);
  const match = readMatch(plugin["match"]);
  return { name, plugin, match, schema: schemaOf(exported) };
}

function notAnObject(plugin: unknown): string {
  const isClass = typeof plugin === "function" &&
    /^class\b/.test(Function.prototype.toString.call(plugin));
  return isClass
    ? 'its default export is a class, export an object of it: "new …()"'
    : `its default export is ${valueKindOf(plugin)}, export an object of hooks`;
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
  if (!isHook) return checkOther(plugin, key);
  const value = plugin[key];
  if (typeof value === "function" || value === undefined) return;
  throw new TypeError(
    `"${String(key)}" is ${valueKindOf(value)}, make it a function`,
  );
}

/** An object of a class may keep its state and its helpers. */
function checkOther(
  plugin: Readonly<Record<PropertyKey, unknown>>,
  key: string | symbol,
): void {
  if (isOfClass(plugin) && typeof plugin[key] !== "function") return;
  const isDispose = key === Symbol.dispose;
  const near = isDispose
    ? "[Symbol.asyncDispose]"
    : nearest(String(key), NAMES);
  if (near === undefined && isOfClass(plugin)) return;
  const advice = near === undefined
    ? `hooks are ${HOOKS.join(", ")}; keep other values outside the object`
    : `did you mean "${near}"?`;
  throw new TypeError(`unknown hook "${String(key)}", ${advice}`);
}

const NAMES: readonly string[] = [...HOOKS, "name", "match"];

function isOfClass(plugin: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(plugin);
  return prototype !== Object.prototype && prototype !== null;
}

/**
 * Checks the name of a plugin.
 *
 * @throws {TypeError} With the reason.
 */
export function checkName(name: unknown): string {
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
