/**
 * A complete configuration file in YAML, with the help as comments.
 *
 * @module
 */
import { stringify } from "yaml";

import {
  defaultOf,
  type Field,
  type Fields,
  isRequired,
  type Raw,
} from "../field.ts";
import type { GivenValues } from "./given.ts";
import { optionName, variableNames } from "./names.ts";
import { WIDTH, wrap } from "../wrap.ts";

/**
 * Writes every option that a file may set: as a comment with its default, or
 * with its value if it is set. Secrets are never written; they are better
 * given by the environment.
 *
 * Reading the text back gives the configuration it was written from.
 */
export function yamlFile<Config>(
  fields: Fields<Config>,
  given: GivenValues,
): string {
  let section: string | undefined;
  const lines: string[] = [];
  for (const key in fields) {
    const field = fields[key];
    if (field.inFile === false) continue;
    if (field.section !== section) lines.push(`# --- ${field.section} ---`, "");
    section = field.section;
    const name = optionName(key);
    lines.push(...entry(name, field, given.get(name)?.raw), "");
  }
  return lines.join("\n");
}

/** Writes options as YAML that `parseFile` reads back as the same words. */
export function yamlOptions(
  options: Readonly<Record<string, string | readonly string[]>>,
): string {
  return stringify(options, { schema: "failsafe" });
}

function entry(name: string, field: Field<unknown>, raw: Raw): string[] {
  const words = wrap(field.help + note(name, field), "# ");
  if (raw !== undefined && field.secret === undefined) {
    return [...words, ...assignment(name, raw)];
  }
  const shown = field.defaultText === undefined ? defaultOf(field) : undefined;
  return [...words, ...assignment(name, shown).map((line) => `# ${line}`)];
}

function note(name: string, field: Field<unknown>): string {
  if (field.takes === "table") {
    return " Not written here: its values may be secret.";
  }
  if (field.secret !== undefined) {
    return ` Not written here: set ${variableNames(name)[0]}.`;
  }
  if (field.defaultText !== undefined) return ` Default: ${field.defaultText}.`;
  return isRequired(field) ? " Required." : "";
}

/** `name: value`; without a value it reads back as not set. */
function assignment(name: string, raw: Raw): string[] {
  if (raw === undefined || raw.length === 0) return [`${name}:`];
  const data = { [name]: raw };
  const text = stringify(data, {
    schema: "failsafe",
    customTags: ["null"],
    lineWidth: WIDTH - 2,
  });
  return text.trimEnd().split("\n");
}
