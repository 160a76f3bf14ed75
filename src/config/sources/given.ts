/**
 * What was set, and where: the common form of flags, environment and files.
 *
 * @module
 */
import type { FieldWords, Raw } from "../field.ts";

/** A value that somebody set. */
export interface Given {
  readonly raw: Exclude<Raw, undefined>;
  /** Where, as the user knows it: `--tunnel-name`, `SALLYPORT_TUNNEL_NAME`. */
  readonly source: string;
}

/** What one place sets, by option name. */
export type GivenValues = ReadonlyMap<string, Given>;

/** The values in one text that was given for a list. */
export function valuesIn(
  text: string,
  { isWhole = false }: Pick<FieldWords, "isWhole">,
): string[] {
  return isWhole ? [text] : splitList(text);
}

/**
 * The items of a comma-separated list. A `data:` item keeps its comma; spaces
 * around items and empty items are dropped.
 */
export function splitList(text: string): string[] {
  const items = text.match(/data:[^,]*,[^,]*|[^,]+/g) ?? [];
  return items.map((item) => item.trim()).filter((item) => item !== "");
}
