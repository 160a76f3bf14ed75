/* Checks the changes to fields that a hook returns. */
import { isHopByHop } from "../../http/hop_by_hop.ts";
import { isFieldValue, isToken } from "../../http/tokens.ts";
import { isObject, valueKindOf } from "./value_kind.ts";
import type { HeaderPlan } from "./outcomes.ts";

/** As many as a site may send. A hook in a loop must not fill the memory. */
const MAX_LINES = 1_000;

/**
 * Checks a `HeaderEdit`.
 *
 * @throws {TypeError} With the reason, when it is invalid.
 */
export function readHeaders(edit: unknown): HeaderPlan | undefined {
  if (edit === undefined) return undefined;
  if (Array.isArray(edit)) return { kind: "all", flat: readAll(edit) };
  if (!isObject(edit) || Symbol.iterator in edit) {
    throw new TypeError(
      `"headers" is ${valueKindOf(edit)}, use a record or a list of pairs`,
    );
  }
  const changes = Object.entries(edit).map(([name, value]) =>
    [checkedName(name), valuesOf(name, value)] as const
  );
  return { kind: "some", changes };
}

/**
 * Fields as a list of names and values in turn, checked. Fields of one connection
 * are left out.
 */
export function readResponseHeaders(
  headers: Iterable<readonly [name: string, value: string]>,
): readonly string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) {
    if (isOfConnection(name)) continue;
    flat.push(name, checkedValue(name, value));
  }
  return flat;
}

function readAll(edit: readonly unknown[]): readonly string[] {
  if (edit.length > MAX_LINES) {
    throw new TypeError(`"headers" has ${edit.length} lines, send fewer`);
  }
  return edit.flatMap((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new TypeError('"headers" is a list, but not of [name, value]');
    }
    const [name, value] = pair;
    // A hook that copies all fields copies these as well: they are ignored.
    if (isOfConnection(String(name))) return [];
    return [checkedName(name), checkedValue(name, value)];
  });
}

function valuesOf(name: string, value: unknown): readonly string[] {
  if (value === null) return [];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > MAX_LINES) {
    throw new TypeError(`"${name}" has ${values.length} lines, send fewer`);
  }
  return values.map((each) => checkedValue(name, each));
}

function checkedName(name: unknown): string {
  if (typeof name !== "string" || !isToken(name)) {
    throw new TypeError(
      `${JSON.stringify(name)} is not a valid header name`,
    );
  }
  if (isOfConnection(name)) {
    throw new TypeError(
      `"${name}" cannot be changed, the proxy sets it`,
    );
  }
  return name;
}

function checkedValue(name: string, value: unknown): string {
  if (typeof value !== "string") {
    throw new TypeError(
      `"${name}" is ${
        valueKindOf(value)
      }, use a string, a list of strings, or null`,
    );
  }
  if (!isFieldValue(value)) {
    throw new TypeError(
      `the value of "${name}" has a character that is not allowed in headers`,
    );
  }
  return value;
}

/** Whether a field belongs to the framing or to one connection. */
function isOfConnection(name: string): boolean {
  return isHopByHop(name) || name.toLowerCase() === "content-length";
}
