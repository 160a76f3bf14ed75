/**
 * Mutants that no test can notice, judged one by one.
 *
 * @module
 */

/** A change after which the module does the same. */
export interface Equivalent {
  /** `src/http1/parse/header_parser.ts`. */
  readonly file: string;
  /** The whole line that the change begins in, without indentation. */
  readonly line: string;
  /** `bytes[at] ?? 0 → bytes[at] ?? 1`, as the report prints it. */
  readonly change: string;
  /** Why nobody can notice. */
  readonly reason: string;
}

/** All of them. */
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: "src/http1/parse/header_parser.ts",
    line: "while (TOKEN_BYTES[bytes[at] ?? 0] === 1) at++;",
    change: "0 → 1",
    reason: "Neither byte may stand in a token.",
  },
  {
    file: "src/http1/parse/header_parser.ts",
    line: "while (VALUE_BYTES[bytes[at] ?? 0] === 1) at++;",
    change: "0 → 1",
    reason: "Neither byte may stand in a value.",
  },
  {
    file: "src/http1/parse/header_parser.ts",
    line:
      "if (byte === undefined || byte < ZERO || byte > ZERO + 9) return -1;",
    change: "1 → 2",
    reason: "Callers look only whether it is below 0.",
  },
];
