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
export const EQUIVALENTS: readonly Equivalent[] = [];
