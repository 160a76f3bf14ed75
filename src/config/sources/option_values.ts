// The common form of the values of flags, environment and files.
import type { FieldDescription, RawValue } from "../field.ts";

/** A value that is set somewhere. */
export interface OptionValue {
  readonly raw: Exclude<RawValue, undefined>;
  /** Where it is set, in the user's words: `--tunnel-name`, `SALLYPORT_TUNNEL_NAME`. */
  readonly source: string;
  /** Where each value of a list is set, if these places have names of their own. */
  readonly itemSources?: readonly string[];
}

/** The values that are set, by option name. */
export type OptionValues = ReadonlyMap<string, OptionValue>;

/** The values of a list option in one text. */
export function splitValues(
  text: string,
  { noSplit = false }: Pick<FieldDescription, "noSplit">,
): string[] {
  return noSplit ? [text] : splitList(text);
}

/**
 * The items of a comma-separated list. A `data:` item keeps its comma. Spaces
 * around items and empty items are dropped.
 */
export function splitList(text: string): string[] {
  const items = text.match(/data:[^,]*,[^,]*|[^,]+/g) ?? [];
  return items.map((item) => item.trim()).filter((item) => item !== "");
}
