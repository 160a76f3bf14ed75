// A configuration as text that is safe to show.
import * as z from "zod";

import type { OptionFields } from "./field.ts";
import type { OptionValues } from "./sources/option_values.ts";
import { optionName } from "./option_names.ts";
import { redacted } from "./redact.ts";

/** Every option as a line `name=value`, sorted by name, with secrets hidden. */
export function configz<Config>(
  fields: OptionFields<Config>,
  config: Config,
): string {
  const lines: string[] = [];
  for (const key in fields) {
    const field = fields[key];
    const raw = z.encode(field.schema, config[key]);
    lines.push(`${optionName(key)}=${redacted(field, raw)}\n`);
  }
  return lines.sort().join("");
}

/** Where each option that is set comes from, as comments: `# server: --server`. */
export function sourcesText(values: OptionValues): string {
  const lines = [...values].map(([name, { source }]) =>
    `# ${name}: ${source}\n`
  );
  return lines.length === 0 ? "" : `# set by\n${lines.sort().join("")}`;
}

/** The options that are set, for the start of the log, with secrets hidden. */
export function changedOptions<Config>(
  fields: OptionFields<Config>,
  values: OptionValues,
): Readonly<Record<string, string>> {
  const changed: Record<string, string> = {};
  for (const key in fields) {
    const name = optionName(key);
    const value = values.get(name);
    if (value !== undefined) changed[name] = redacted(fields[key], value.raw);
  }
  return changed;
}
