/**
 * A configuration as text that may be shown to anyone.
 *
 * @module
 */
import * as z from "zod";

import type { Fields } from "./field.ts";
import type { GivenValues } from "./sources/given.ts";
import { optionName } from "./sources/names.ts";
import { shown } from "./redact.ts";

/** Every option as `name=value`, one a line, sorted by name, secrets hidden. */
export function configz<Config>(
  fields: Fields<Config>,
  config: Config,
): string {
  const lines: string[] = [];
  for (const key in fields) {
    const field = fields[key];
    const raw = z.encode(field.schema, config[key]);
    lines.push(`${optionName(key)}=${shown(field, raw)}\n`);
  }
  return lines.sort().join("");
}

/** The options that somebody set, for the start of the log, secrets hidden. */
export function changedOptions<Config>(
  fields: Fields<Config>,
  given: GivenValues,
): Readonly<Record<string, string>> {
  const changed: Record<string, string> = {};
  for (const key in fields) {
    const name = optionName(key);
    const value = given.get(name);
    if (value !== undefined) changed[name] = shown(fields[key], value.raw);
  }
  return changed;
}
