/* What kind of value something is, for checks and for messages. */

/** Whether `value` is an object, but not a list of things or a function. */
export function isObject(
  value: unknown,
): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `a string`, `an array`, `nothing`: for messages. */
export function valueKindOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "an array";
  const kind = typeof value === "object"
    ? value.constructor?.name ?? "object"
    : typeof value;
  return `${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`;
}
