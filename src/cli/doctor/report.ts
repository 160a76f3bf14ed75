// The report of the doctor, for people and for bug reports.
import type { OptionFields } from "../../config/field.ts";
import { optionName } from "../../config/option_names.ts";
import { configz, sourcesText } from "../../config/configz.ts";
import type { OptionValues } from "../../config/sources/option_values.ts";
import { VERSION } from "../../config/version.ts";
import { HIDDEN } from "../../log/redact.ts";
import { systemReason } from "../../log/system_reason.ts";
import { visible } from "../../log/visible.ts";
import { ConfigError } from "../../config/errors.ts";
import { jsonText } from "../table.ts";
import type { ReportLine } from "./check.ts";

/** A secret of fewer characters would blacken half of a report. */
const LEAST_SECRET = 3;

/** The report as lines, with what to do below each that is not well. */
export function reportText(lines: readonly ReportLine[]): string {
  const width = Math.max(...lines.map(({ check }) => check.length));
  return lines.map(({ check, status, text, remedy }) => {
    const first = `${status.padEnd(4)}  ${check.padEnd(width)}  ${
      visible(text.replaceAll("\n", "; "))
    }\n`;
    return remedy === undefined
      ? first
      : `${first}${" ".repeat(width + 8)}→ ${visible(remedy)}\n`;
  }).join("");
}

/** What a bug report needs besides the report. */
export interface BundleParts<Config> {
  readonly lines: readonly ReportLine[];
  readonly fields: OptionFields<Config>;
  /** `undefined` when the configuration is wrong. */
  readonly config: Config | undefined;
  readonly values: OptionValues;
}

/**
 * Writes a file for a bug report, without secrets.
 *
 * @throws {ConfigError} When the file exists, or cannot be written.
 */
export async function writeBundle<Config>(
  path: string,
  parts: BundleParts<Config>,
): Promise<void> {
  try {
    await Deno.writeTextFile(path, bundleText(parts), {
      createNew: true,
      mode: 0o600,
    });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AlreadyExists
      ? "it exists already"
      : systemReason(cause);
    throw new ConfigError(
      "badFile",
      `Cannot write the file of --bundle "${path}": ${reason}, choose another`,
      { cause },
    );
  }
}

/** The text of the file. Secrets are hidden in every part of it. */
export function bundleText<Config>(
  { lines, fields, config, values }: BundleParts<Config>,
): string {
  const text = jsonText({
    program: VERSION,
    at: new Date().toISOString(),
    report: lines,
    configuration: config === undefined ? [] : linesOf(configz(fields, config)),
    sources: linesOf(sourcesText(values)),
  });
  return hideSecrets(text, secretsIn(fields, values));
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((each) => each !== "");
}

/** The secret parts of values, as they may appear elsewhere. */
export function secretsIn<Config>(
  fields: OptionFields<Config>,
  values: OptionValues,
): readonly string[] {
  const secrets: string[] = [];
  for (const key in fields) {
    const { secret } = fields[key];
    if (secret === undefined) continue;
    for (const raw of [values.get(optionName(key))?.raw ?? []].flat()) {
      secrets.push(raw);
      // The password alone, of `user:password` and of `user:password@host`.
      const [, password] = /^(?:[a-z][\w+.-]*:\/\/)?[^:@]*:(.*?)(?:@[^@]*)?$/is
        .exec(raw) ?? [];
      if (password !== undefined) secrets.push(password, decoded(password));
    }
  }
  return secrets.filter(({ length }) => length >= LEAST_SECRET)
    .toSorted((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => {
    // As JSON has it.
    const written = JSON.stringify(secret).slice(1, -1);
    return rest.replaceAll(written, HIDDEN)
      .replaceAll(encodeURIComponent(secret), HIDDEN);
  }, text);
}
