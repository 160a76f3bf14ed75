/** Bodies laid out for people. No character of a value changes, only what is between them. */

/** A body that was laid out. */
export type FormattedBody =
  | { readonly kind: "json"; readonly text: string }
  | {
    readonly kind: "form";
    readonly fields: readonly (readonly [name: string, value: string])[];
  };

/** Longer text is shown as it is, in characters. */
const MAX_LENGTH = 256 * 1024;
/** Deeper text would be mostly spaces. */
const MAX_DEPTH = 32;
const JSON_TYPE = /^[^;]*[/+]json\b/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;

/** Lays a text of this content type out; `undefined` where it stays as it is. */
export function formatBody(
  text: string,
  type: string,
): FormattedBody | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (FORM_TYPE.test(type)) {
    return { kind: "form", fields: [...new URLSearchParams(text)] };
  }
  const json = JSON_TYPE.test(type) ? indentJson(text) : undefined;
  return json === undefined || json === text
    ? undefined
    : { kind: "json", text: json };
}

/** Strings, marks and everything else but white space. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/** Numbers keep their digits, and members their order and repeats: the text is not made from values. */
function indentJson(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    // Not JSON, whatever its type says, or cut off.
    return undefined;
  }
  const parts: string[] = [];
  let depth = 0;
  let last = "";
  for (const [token] of text.matchAll(TOKEN)) {
    const opened = last === "{" || last === "[";
    if (token === "}" || token === "]") {
      depth -= 1;
      if (!opened) parts.push(lineAt(depth));
    } else if (opened || last === ",") parts.push(lineAt(depth));
    else if (last === ":") parts.push(" ");
    if (token === "{" || token === "[") depth += 1;
    if (depth > MAX_DEPTH) return undefined;
    parts.push(token);
    last = token;
  }
  return parts.join("");
}

function lineAt(depth: number): string {
  return "\n" + "  ".repeat(depth);
}
