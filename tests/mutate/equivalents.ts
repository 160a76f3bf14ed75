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
    file: "src/net/dial/dial.ts",
    line: "const opened = Promise.any(tries).then(() => true, () => false);",
    change: "false → true",
    reason:
      "Before all attempts have failed, the last one has, and that is heard first.",
  },
  {
    file: "src/plugin/results/read_result.ts",
    line: "parseAddress(text, 80);",
    change: "80 → 160",
    reason: "Only what it throws counts, not what it returns.",
  },
  {
    file: "src/http2/hpack/decoder.ts",
    line: "this.#reader.close();",
    change: "this.#reader.close(); → ;",
    reason:
      "The next block replaces this one; only its memory stays until then.",
  },
  {
    file: "src/log/log_writer.ts",
    line: "#taken = 0;",
    change: "0 → 1",
    reason: "It is only looked at whether it has changed.",
  },
  {
    file: "src/log/log_writer.ts",
    line: "this.#taken += count;",
    change: "+= → -=",
    reason: "It is only looked at whether it has changed.",
  },
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
