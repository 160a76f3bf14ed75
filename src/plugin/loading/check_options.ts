/**
 * What the configuration says for a plugin, checked by the plugin itself.
 *
 * @module
 */
import { isObject, type Schema } from "./check.ts";

/** More complaints than this do not help. */
const MAX_ISSUES = 5;

/**
 * The options as the plugin's schema gives them back, with its defaults. What
 * is not configured is an empty object, so that defaults apply.
 *
 * @throws {TypeError} With what the schema says, when they are not right.
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

/** A step is a key, or an object that holds one. */
function segment(step: unknown): string {
  return String(isObject(step) ? step["key"] : step);
}
