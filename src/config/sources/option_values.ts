// The common form of the values of flags, environment and files.
import type { FieldDescription, RawValue } from "../field.ts";

/** A value that is set somewhere. */
export interface OptionValue {
  readonly raw: Exclude<RawValue, undefined>;
  /** Where it is set, in the user's words: `--tunnel-name`, `SALLYPORT_TUNNEL_NAME`. */
  readonly source: string;
  /** Where each value of a list is set, if these places have names of their own. */
  readonly itemSources?: readonly string[];
  /** Where a part of a table is set: `"c.yaml", line 7`. The path begins with the number of the item. */
  readonly placeOf?: (path: readonly (string | number)[]) => string;
}

/** The values that are set, by option name. */
export type OptionValues = ReadonlyMap<string, OptionValue>;

/** The values of a list option in one text. */
export function splitValues(
  text: string,
  { noSplit = false, hasTables = false }: Pick<
    FieldDescription,
    "noSplit" | "hasTables"
  >,
): string[] {
  if (hasTables && /^\s*[[{]/.test(text)) return itemsOfJson(text);
  return noSplit ? [text] : splitList(text);
}

/** The items of a list in JSON. */
function itemsOfJson(text: string): string[] {
  try {
    const data: unknown = JSON.parse(text);
    return Array.isArray(data) ? data.map(itemText) : [text];
  } catch {
    // Reading the value reports the error.
    return [text];
  }
}

/** An item of a list as text: a table as JSON, nothing as an empty text. */
export function itemText(item: unknown): string {
  if (item === null || item === undefined) return "";
  return typeof item === "string" ? item : JSON.stringify(item);
}

/**
 * The items of a comma-separated list. A `data:` item keeps its comma. Spaces
 * around items and empty items are dropped.
 */
export function splitList(text: string): string[] {
  const items = text.match(/data:[^,]*,[^,]*|[^,]+/g) ?? [];
  return items.map((item) => item.trim()).filter((item) => item !== "");
}
