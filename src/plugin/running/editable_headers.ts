/* The fields of a message as hooks see and change them. */
import { Fields } from "../../http/fields.ts";
import type { HeadersLike, MessageHeaders } from "../api/messages.ts";
import {
  applyHeaderEdit,
  checkedFields,
  isOfConnection,
  MAX_HEADER_EDITS,
} from "../results/header_edits.ts";
import type { HeaderEdits } from "../results/outcomes.ts";
import { isObject, valueKindOf } from "../results/value_kind.ts";
import type { EditScope } from "./edit_scope.ts";

const NONE: HeaderEdits = [];

/** Fields that can be changed while a hook runs. */
export class EditableHeaders implements MessageHeaders {
  readonly #scope: EditScope;
  readonly #flat: readonly string[];
  #fields: Fields | undefined;
  #edits: string[] | undefined;

  /** @param flat Names and values in turn. */
  constructor(flat: readonly string[], scope: EditScope) {
    this.#flat = flat;
    this.#scope = scope;
  }

  /** What has been changed, in order. */
  get edits(): HeaderEdits {
    return this.#edits ?? NONE;
  }

  get(name: string): string | null {
    return this.#read().getList(String(name)) ?? null;
  }

  getAll(name: string): string[] {
    return this.#read().getAll(String(name));
  }

  getSetCookie(): string[] {
    return this.getAll("set-cookie");
  }

  has(name: string): boolean {
    return this.#read().has(String(name));
  }

  set(name: string, value: string): void {
    this.#edit("set", name, textOf(name, value));
  }

  append(name: string, value: string): void {
    this.#edit("append", name, textOf(name, value));
  }

  delete(name: string): void {
    this.#edit("delete", name, "");
  }

  forEach(
    callback: (value: string, name: string, headers: MessageHeaders) => void,
    thisArg?: unknown,
  ): void {
    for (const [name, value] of this) {
      callback.call(thisArg, value, name, this);
    }
  }

  *entries(): IterableIterator<[name: string, value: string]> {
    const fields = this.#read();
    const names = new Set(Array.from(fields, ([name]) => name.toLowerCase()));
    for (const name of [...names].sort()) {
      if (name !== "set-cookie") yield [name, this.get(name) ?? ""];
      else for (const value of fields.getAll(name)) yield [name, value];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  lines(): [name: string, value: string][] {
    return [...this.#read()];
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }

  /** Replaces all fields but those of one connection. */
  replaceAll(given: HeadersLike): void {
    const lines = checkedFields(pairsOf(given));
    this.#edit("clear", "", "");
    for (let at = 0; at < lines.length; at += 2) {
      this.#edit("append", lines[at] ?? "", lines[at + 1] ?? "");
    }
  }

  #read(): Fields {
    return this.#fields ??= new Fields([...this.#flat]);
  }

  #edit(kind: string, name: string, value: string): void {
    this.#scope.check();
    const edits = this.#edits ??= [];
    if (edits.length >= MAX_HEADER_EDITS * 3) {
      throw new RangeError(
        `the headers have more than ${MAX_HEADER_EDITS} changes`,
      );
    }
    applyHeaderEdit(this.#read(), { kind, name, value });
    edits.push(kind, name, value);
  }
}

/** A list of pairs, checked only as far as its shape goes. */
function pairsOf(given: unknown): readonly (readonly [string, string])[] {
  if (given instanceof EditableHeaders) return given.lines();
  if (!isObject(given) && !Array.isArray(given)) {
    throw new TypeError(
      `"headers" is ${valueKindOf(given)}, use Headers, a record or pairs`,
    );
  }
  const pairs: Iterable<unknown> = isIterable(given)
    ? given
    : Object.entries(given);
  return Array.from(pairs, (pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new TypeError('"headers" is a list, but not of [name, value]');
    }
    const [name, value] = pair;
    return isOfConnection(String(name))
      ? [String(name), ""]
      : [name, textOf(String(name), value)];
  });
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

/** The value as the web's `Headers` has it: without spaces around it. */
function textOf(name: string, value: unknown): string {
  if (typeof value === "string") {
    return value.replace(/^[\t\r\n ]+|[\t\r\n ]+$/g, "");
  }
  if (typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  throw new TypeError(`"${name}" is ${valueKindOf(value)}, use a string`);
}
