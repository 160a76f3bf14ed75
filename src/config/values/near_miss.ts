// What a user probably meant with a value that is not accepted.
import { suggestion } from "../option_names.ts";
import { durationText, sizeText } from "./units.ts";

/** Units of time as people write them, in milliseconds. */
const TIMES: readonly (readonly [RegExp, number])[] = [
  [/^(?:ms|millis|milliseconds?)$/, 1],
  [/^(?:|s|secs?|seconds?)$/, 1000],
  [/^(?:m|mins?|minutes?)$/, 60_000],
  [/^(?:h|hrs?|hours?)$/, 3_600_000],
  [/^(?:d|days?)$/, 86_400_000],
  [/^(?:w|weeks?)$/, 604_800_000],
];

/** Powers of 1024. */
const SIZES = "kmgt";

/** Words of other programs for ours. */
const SYNONYMS: Readonly<Record<string, string>> = {
  warn: "info",
  warning: "info",
  notice: "info",
  trace: "debug",
  verbose: "debug",
  fatal: "error",
  critical: "error",
  yes: "true",
  on: "true",
  "1": "true",
  no: "false",
  off: "false",
  "0": "false",
};

/** `, did you mean "720h"?` for `30d`; nothing if it is not a duration. */
export function nearDuration(raw: string): string {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(
    raw.trim().toLowerCase(),
  ) ?? [];
  const [, factor] = TIMES.find(([names]) => names.test(unit)) ?? [];
  if (amount === undefined || factor === undefined) return "";
  const milliseconds = Math.round(Number(amount) * factor);
  return meant(
    Number.isSafeInteger(milliseconds),
    () => durationText(milliseconds),
  );
}

/** `, did you mean "1Mi"?` for `1MB`; nothing if it is not a size. */
export function nearSize(raw: string): string {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?(?:b|bytes?)?$/.exec(
    raw.trim().toLowerCase(),
  ) ?? [];
  if (amount === undefined || unit === undefined) return "";
  const power = unit === "" ? 0 : SIZES.indexOf(unit) + 1;
  const bytes = Math.round(Number(amount) * 1024 ** power);
  return meant(Number.isSafeInteger(bytes), () => sizeText(bytes));
}

/** `, did you mean "127.0.0.1:8032"?` for `8032`; nothing if it is not a port. */
export function nearAddress(raw: string): string {
  const isPort = /^\d{1,5}$/.test(raw) && Number(raw) < 65_536;
  return meant(isPort, () => `127.0.0.1:${raw}`);
}

/** `, did you mean "\.foo\.com$"?` for `*.foo.com`; nothing if it is not such a pattern. */
export function nearDomain(raw: string): string {
  const [, minus = "", name] = /^(-?)\*(\.[\w-]+(?:\.[\w-]+)*)$/.exec(raw) ??
    [];
  return meant(
    name !== undefined,
    () => `${minus}${name?.replaceAll(".", "\\.")}$`,
  );
}

/** `, did you mean "info"?` for `warn`; nothing if none of `words` is near. */
export function nearWord(raw: string, words: readonly string[]): string {
  const lower = raw.toLowerCase();
  const synonym = SYNONYMS[lower];
  if (synonym !== undefined && words.includes(synonym)) {
    return meant(true, () => synonym);
  }
  const advice = suggestion(lower, words, "");
  return advice === "" ? "" : `, ${advice}`;
}

function meant(isKnown: boolean, text: () => string): string {
  return isKnown ? `, did you mean "${text()}"?` : "";
}
