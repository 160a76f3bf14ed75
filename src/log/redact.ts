/** Replaces a secret; its length is always the same. */
export const HIDDEN = "xxxxx";

/** Named values. */
export type LogValues = Readonly<Record<string, unknown>>;

/** Names whose values are secrets, in any spelling: `accessKey`, `access-key`. */
const SECRET_NAME =
  /(?:access|api|private)[-_]?key|passw|secret|token|authori[sz]ation|cookie|credential|signature|session[-_]?id/i;

/** The password of a URL: `scheme://user:password@`. The scheme is not matched: in a long text the search would restart at each word. */
const PASSWORD = /(:\/\/[^\s/?#:@]*):[^\s/?#]*@/g;

/** Deeper values are cut, so that a log line ends even if a value holds itself. */
const MAX_DEPTH = 4;

/** Whether what has this name is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** `text` with the passwords of all URLs in it hidden. */
export function redactText(text: string): string {
  return text.replace(PASSWORD, `$1:${HIDDEN}@`);
}

/**
 * Copies fields as plain data: what has the name of a secret is hidden, errors
 * become their messages, passwords in URLs are hidden everywhere, and what is
 * undefined is left out.
 */
export function hideSecrets(fields: LogValues, depth = 0): LogValues {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    copy[name] = isSecretName(name) ? HIDDEN : plain(value, depth);
  }
  return copy;
}

function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "number":
    case "boolean":
      return value;
    case "object":
      return value === null ? null : plainObject(value, depth);
    default:
      return redactText(String(value));
  }
}

function plainObject(value: object, depth: number): unknown {
  if (value instanceof Error) return redactText(value.message || value.name);
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof Date) return value.toJSON();
  if (depth >= MAX_DEPTH) return "...";
  if (Array.isArray(value)) return value.map((each) => plain(each, depth + 1));
  return hideSecrets({ ...value }, depth + 1);
}
