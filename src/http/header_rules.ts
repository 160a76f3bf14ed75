/**
 * Rules about header fields that a user writes: add, set empty, remove, keep a
 * name's case.
 *
 * | rule | does |
 * | --- | --- |
 * | `Name: value` | adds a line |
 * | `Name;` | sets an empty value, in place of all lines of that name |
 * | `-Name` | removes all lines of that name |
 * | `-Name*` | removes all lines whose name begins so |
 * | `%Name` | writes the name in exactly this case, where it is present |
 */
import { Fields } from "./fields.ts";
import { isHopByHop } from "./hop_by_hop.ts";
import { isFieldValue, isToken, trimOws } from "./tokens.ts";

/** One rule, taken apart; names of removals are in lower case. */
export type HeaderRule =
  | { readonly kind: "add"; readonly name: string; readonly value: string }
  | { readonly kind: "empty"; readonly name: string }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "removePrefix"; readonly prefix: string }
  | { readonly kind: "keepCase"; readonly name: string };

/** A rule that cannot be read. */
export class HeaderRuleError extends SyntaxError {
  /** What is wrong with the rule. */
  readonly reason: string;

  /** @param name The rule without its value, which may be a secret. */
  constructor(name: string, reason: string) {
    super(`Cannot read the header rule "${name}": ${reason}`);
    this.reason = reason;
  }
}

/** The sender of the message writes these: they say where it goes and where it ends. */
const FRAMING: readonly string[] = ["content-length", "host"];

/**
 * Reads a rule.
 *
 * @throws {HeaderRuleError} When the rule is invalid, or names a field of the connection.
 */
export function parseHeaderRule(text: string): HeaderRule {
  const rule = readRule(text);
  const name = rule.kind === "removePrefix" ? rule.prefix : rule.name;
  if (!isToken(name)) {
    throw refused(text, "expected Name: value, Name;, -Name, -Name* or %Name");
  }
  if (rule.kind !== "removePrefix" && isOutOfReach(name)) {
    throw refused(text, `${name} is written by the proxy itself`);
  }
  if (rule.kind === "add" && !isFieldValue(rule.value)) {
    throw refused(text, "its value has a control character or is not Latin-1");
  }
  return rule;
}

/** The text of a rule, as {@linkcode parseHeaderRule} reads it. */
export function formatHeaderRule(rule: HeaderRule): string {
  switch (rule.kind) {
    case "add":
      return `${rule.name}: ${rule.value}`;
    case "empty":
      return `${rule.name};`;
    case "remove":
      return `-${rule.name}`;
    case "removePrefix":
      return `-${rule.prefix}*`;
    case "keepCase":
      return `%${rule.name}`;
  }
}

/**
 * The fields after all rules, in order, each seeing what the ones before it
 * did.
 *
 * @param fields Left as they are.
 */
export function applyHeaderRules(
  fields: Fields,
  rules: readonly HeaderRule[],
): Fields {
  let changed = fields.clone();
  for (const rule of rules) changed = applyRule(changed, rule);
  return changed;
}

function readRule(text: string): HeaderRule {
  if (text.startsWith("%")) return { kind: "keepCase", name: text.slice(1) };
  if (text.startsWith("-") && text.endsWith("*")) {
    return { kind: "removePrefix", prefix: text.slice(1, -1).toLowerCase() };
  }
  if (text.startsWith("-")) {
    return { kind: "remove", name: text.slice(1).toLowerCase() };
  }
  const colon = text.indexOf(":");
  if (colon < 0 && text.endsWith(";")) {
    return { kind: "empty", name: text.slice(0, -1) };
  }
  const name = colon < 0 ? "" : text.slice(0, colon);
  return { kind: "add", name, value: trimOws(text.slice(colon + 1)) };
}

function applyRule(fields: Fields, rule: HeaderRule): Fields {
  switch (rule.kind) {
    case "add":
      fields.append(rule.name, rule.value);
      return fields;
    case "empty":
      fields.set(rule.name, "");
      return fields;
    case "remove":
      fields.delete(rule.name);
      return fields;
    case "removePrefix":
      return withoutPrefix(fields, rule.prefix);
    case "keepCase":
      return renamed(fields, rule.name);
  }
}

function withoutPrefix(fields: Fields, prefix: string): Fields {
  const kept = new Fields();
  for (const [name, value] of fields) {
    const isMeant = name.toLowerCase().startsWith(prefix);
    if (!isMeant || isOutOfReach(name)) kept.append(name, value);
  }
  return kept;
}

function renamed(fields: Fields, exact: string): Fields {
  const lower = exact.toLowerCase();
  const written = new Fields();
  for (const [name, value] of fields) {
    written.append(name.toLowerCase() === lower ? exact : name, value);
  }
  return written;
}

function isOutOfReach(name: string): boolean {
  return isHopByHop(name) || FRAMING.includes(name.toLowerCase());
}

function refused(text: string, reason: string): HeaderRuleError {
  const [shown = ""] = text.split(":");
  return new HeaderRuleError(shown, reason);
}
