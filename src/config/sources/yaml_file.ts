// Writes a complete configuration file in YAML, with the help as comments.
import { stringify } from "yaml";

import {
  defaultOf,
  isRequired,
  type OptionField,
  type OptionFields,
  type RawValue,
} from "../field.ts";
import type { OptionValues } from "./option_values.ts";
import { optionName, variableNames } from "../option_names.ts";
import { WIDTH, wrap } from "../wrap.ts";

/**
 * Writes every option that a file may set: with its value if it is set,
 * otherwise as a comment with its default. Secrets are never written, because
 * the environment is a better place for them.
 *
 * Reading the text gives the configuration that it was written from.
 */
export function yamlFile<Config>(
  fields: OptionFields<Config>,
  values: OptionValues,
): string {
  let section: string | undefined;
  const lines: string[] = [];
  for (const key in fields) {
    const field = fields[key];
    if (field.inFile === false) continue;
    if (field.section !== section) lines.push(`# --- ${field.section} ---`, "");
    section = field.section;
    const name = optionName(key);
    lines.push(...entry(name, field, values.get(name)?.raw), "");
  }
  return lines.join("\n");
}

/** Writes options as YAML that `parseFile` reads as the same texts. */
export function yamlOptions(
  options: Readonly<Record<string, string | readonly string[]>>,
): string {
  return stringify(options, { schema: "failsafe" });
}

function entry(
  name: string,
  field: OptionField<unknown>,
  raw: RawValue,
): string[] {
  const comment = wrap(field.help + note(name, field), "# ");
  if (raw !== undefined && field.secret === undefined) {
    return [...comment, ...assignment(name, raw)];
  }
  const value = field.defaultText === undefined ? defaultOf(field) : undefined;
  return [...comment, ...assignment(name, value).map((line) => `# ${line}`)];
}

function note(name: string, field: OptionField<unknown>): string {
  if (field.hasTables === true) {
    return " Not written here: its values may be secret.";
  }
  if (field.secret !== undefined) {
    return ` Not written here: set ${variableNames(name)[0]}.`;
  }
  if (field.defaultText !== undefined) return ` Default: ${field.defaultText}.`;
  return isRequired(field) ? " Required." : "";
}

/** `name: value`. Without a value it is read as unset. */
function assignment(name: string, raw: RawValue): string[] {
  if (raw === undefined || raw.length === 0) return [`${name}:`];
  const data = { [name]: raw };
  const text = stringify(data, {
    schema: "failsafe",
    customTags: ["null"],
    lineWidth: WIDTH - 2,
  });
  return text.trimEnd().split("\n");
}
