/* Changes to fields: what may be changed, and the fields afterwards. */
import type { Fields } from "../../http/fields.ts";
import { isHopByHop } from "../../http/hop_by_hop.ts";
import { isFieldValue, isToken } from "../../http/tokens.ts";
import { valueKindOf } from "./value_kind.ts";
import type { HeaderEdits } from "./outcomes.ts";

/** Changes of one hook: more than a site may send fields. A hook in a loop must not fill the memory. */
export const MAX_HEADER_EDITS = 1_000;

/**
 * The fields after the changes. `fields` is not modified.
 *
 * @throws {TypeError} With the reason, when a change is not allowed.
 */
export function applyHeaderEdits(fields: Fields, edits: HeaderEdits): Fields {
  if (edits.length === 0) return fields;
  const changed = fields.clone();
  for (let at = 0; at < edits.length; at += 3) {
    const [kind = "", name = "", value = ""] = edits.slice(at, at + 3);
    applyHeaderEdit(changed, { kind, name, value });
  }
  return changed;
}

/** One change, unchecked. */
export interface HeaderEdit {
  readonly kind: string;
  readonly name: string;
  readonly value: string;
}

/**
 * Carries out one change.
 *
 * @throws {TypeError} With the reason, when it is not allowed.
 */
export function applyHeaderEdit(
  fields: Fields,
  { kind, name, value }: HeaderEdit,
): void {
  switch (kind) {
    case "set":
      return fields.set(checkedName(name), checkedValue(name, value));
    case "append":
      return fields.append(checkedName(name), checkedValue(name, value));
    case "delete":
      return void fields.delete(checkedName(name));
    case "clear":
      return clear(fields);
    default:
      throw new TypeError("its headers have an unknown change");
  }
}

/** Whether the changes touch the field `name`, in lower case. */
export function mentions(edits: HeaderEdits, name: string): boolean {
  return edits.some((text, at) => at % 3 === 1 && text.toLowerCase() === name);
}

/**
 * Fields of a whole message as a list of names and values in turn, checked.
 * Those of one connection are left out: a copy of all fields has them too.
 */
export function checkedFields(
  headers: Iterable<readonly [name: string, value: string]>,
): readonly string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) {
    if (isOfConnection(name)) continue;
    flat.push(checkedName(name), checkedValue(name, value));
    if (flat.length <= MAX_HEADER_EDITS * 2) continue;
    throw new TypeError(`it has more than ${MAX_HEADER_EDITS} headers`);
  }
  return flat;
}

/** Whether a field belongs to the framing or to one connection. */
export function isOfConnection(name: string): boolean {
  return isHopByHop(name) || name.toLowerCase() === "content-length";
}

/** `Content-Length` stays: it describes the content, which is not replaced. */
function clear(fields: Fields): void {
  const names = new Set(Array.from(fields, ([name]) => name.toLowerCase()));
  for (const name of names) {
    if (name !== "content-length") fields.delete(name);
  }
}

function checkedName(name: unknown): string {
  if (typeof name !== "string" || !isToken(name)) {
    throw new TypeError(`${JSON.stringify(name)} is not a valid header name`);
  }
  if (!isOfConnection(name)) return name;
  throw new TypeError(`"${name}" cannot be changed, the proxy sets it`);
}

function checkedValue(name: string, value: unknown): string {
  if (typeof value !== "string") {
    throw new TypeError(`"${name}" is ${valueKindOf(value)}, use a string`);
  }
  if (isFieldValue(value)) return value;
  throw new TypeError(
    `the value of "${name}" has a character that is not allowed in headers`,
  );
}
