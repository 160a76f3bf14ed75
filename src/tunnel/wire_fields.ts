/**
 * Fields of HTTP/1 messages as HTTP/2 field lists, and back with the case that
 * they had.
 */
import { Fields } from "../http/fields.ts";
import { NAMES_FIELD, OWN_PREFIX } from "./protocol.ts";

/** Browsers use a few hundred names and lists of names; a hostile one must not fill the memory, */
const MAX_REMEMBERED = 1_024;
/** neither with many nor with long ones: the lists of browsers have some 500 characters. */
const MAX_REMEMBERED_LENGTH = 1_024;
const lowerCase = new Map<string, string>();
const nameLists = new Map<string, readonly string[]>();

/**
 * Adds `fields` to an HTTP/2 field list, names in lower case, and behind them
 * the list of names if any had another case. `Host` is left out: `:authority`
 * says it (RFC 9113 §8.3.1); and so is what only this wire may say.
 */
export function appendFields(list: string[], fields: Fields): void {
  const { flat } = fields;
  let names = "";
  let mixed = false;
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] ?? "";
    const lower = lowerOf(name);
    if (lower === "host" || lower.startsWith(OWN_PREFIX)) continue;
    mixed ||= lower !== name;
    names = names === "" ? name : `${names},${name}`;
    list.push(lower, flat[at + 1] ?? "");
  }
  if (mixed) list.push(NAMES_FIELD, names);
}

/** `fields` as a list of their own. */
export function encodeFields(fields: Fields): string[] {
  const list: string[] = [];
  appendFields(list, fields);
  return list;
}

/** A received HTTP/2 field list, taken apart. */
export interface WireFields {
  /** Values of pseudo-header fields and of the wire's own fields, by name. */
  readonly meta: ReadonlyMap<string, string>;
  /** The other fields with the case they had. */
  readonly fields: Fields;
}

/** Takes an HTTP/2 field list apart and gives the names their case back. */
export function readFields(list: readonly string[]): WireFields {
  const meta = new Map<string, string>();
  const flat: string[] = [];
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] ?? "";
    const value = list[at + 1] ?? "";
    if (name.startsWith(":") || name.startsWith(OWN_PREFIX)) {
      meta.set(name, value);
    } else flat.push(name, value);
  }
  const names = meta.get(NAMES_FIELD);
  if (names !== undefined) restoreCase(flat, names);
  return { meta, fields: new Fields(flat) };
}

/** A list that does not fit the fields, name by name, changes nothing. */
function restoreCase(flat: string[], names: string): void {
  const list = splitNames(names);
  if (list.length * 2 !== flat.length) return;
  if (!list.every((name, index) => lowerOf(name) === flat[index * 2])) return;
  list.forEach((name, index) => flat[index * 2] = name);
}

function splitNames(names: string): readonly string[] {
  return remembered(nameLists, names, () => names.split(","));
}

function lowerOf(name: string): string {
  return remembered(lowerCase, name, () => name.toLowerCase());
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  if (known.size < MAX_REMEMBERED && key.length <= MAX_REMEMBERED_LENGTH) {
    known.set(key, made);
  }
  return made;
}
