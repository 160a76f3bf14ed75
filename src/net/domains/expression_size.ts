/**
 * How large a regular expression is: estimated before it is compiled, measured
 * afterwards.
 *
 * The unit is one step of the compiled program: an instruction of RE2, and each
 * further range of characters that it compares with. `shop` is 4 steps, `[a-z]`
 * is 1, `\pL` is 685. Compiling takes 4 to 15 µs a step; matching a name and
 * keeping the program cost in proportion.
 */
import type { RE2JS } from "re2js";

/** An expression before it is compiled. */
export interface Estimate {
  /** Steps, rather too many than too few; more than `enough` when it is that large. */
  readonly size: number;
  /** How often something is repeated: `*`, `+` and `?` count once, `{…}` as many characters as it stands for. */
  readonly repeated: number;
}

/** Steps of one Unicode class: hundreds of ranges. */
const UNICODE_CLASS = 700;
/** What a character beyond ASCII is taken for: it may end a range of which every other case is looked up, which takes 6 ms. */
const NOT_ASCII = 2_000;

const BOUNDS = /\{(\d+)(?:,(\d*))?\}/y;
const ESCAPE = /\\(?:p(?:\{[^}]*\}|.)|x\{([0-9a-f]*)\}|([0-7]{1,3})|.)/isy;
const LAST_ASCII = 0x7f;

/** Estimates an expression; stops when it is larger than `enough`. */
export function estimate(expression: string, enough: number): Estimate {
  let repeated = 0;
  let characters = 0;
  let size = 0;
  /** Whether a repetition here may repeat everything before it. */
  let isGroup = false;
  let at = 0;
  while (at < expression.length && size <= enough) {
    const token = expression.charAt(at);
    const bounds = token === "{" ? matchAt(BOUNDS, expression, at) : null;
    characters += 1;
    if (token === "\\") {
      const [text = token, hex, octal] = matchAt(ESCAPE, expression, at) ?? [];
      size += sizeOfEscape(text, { hex, octal });
      at += text.length;
    } else if (bounds !== null) {
      const [text, min, max] = bounds;
      const copies = Math.max(0, Number(min) - 1, Number(max ?? 0) - 1);
      const more = (isGroup ? characters : 1) * copies;
      repeated += more;
      characters += more;
      // A class may hold wide ones, so it counts as everything before it.
      size += (isGroup || size >= UNICODE_CLASS ? size : 1) * copies + 1;
      at += text.length;
    } else {
      const isQuestion = token === "(" && expression.charAt(at + 1) === "?";
      if (token === "*" || token === "+" || token === "?") repeated += 1;
      size += token.charCodeAt(0) > LAST_ASCII ? NOT_ASCII : 1;
      at += isQuestion ? 2 : 1;
    }
    isGroup = bounds !== null || ")*+?".includes(token);
  }
  return { size, repeated };
}

function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function sizeOfEscape(
  text: string,
  { hex = "0", octal = "0" }: {
    readonly hex: string | undefined;
    readonly octal: string | undefined;
  },
): number {
  if (/^\\p/i.test(text)) return UNICODE_CLASS;
  const code = Number.parseInt(hex, 16) + Number.parseInt(octal, 8);
  const last = text.charCodeAt(text.length - 1);
  return Math.max(code, last) > LAST_ASCII ? NOT_ASCII : 1;
}

/** The steps of a compiled expression. */
export function compiledSize(expression: RE2JS): number {
  let size = 0;
  for (const { runes } of expression.re2().prog.inst) {
    // Two for each range: its first and its last character.
    size += Math.max(1, (runes?.length ?? 0) / 2);
  }
  return Math.ceil(size);
}
