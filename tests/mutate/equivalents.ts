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
    file: "src/plugin/results/read_result.ts",
    line: "if (isAuthority(formatAddress({ hostname: text, port: 1 }))) {",
    change: "1 → 2",
    reason: "Any port will do: the host is what is looked at.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line: "if (id < 0) {",
    change:
      "if (id < 0) { return STATIC_VALUES[-id] === value && STATIC_NAMES[-id] === name; } → ;",
    reason: "A guess that is not taken is looked up.",
  },
  {
    file: "src/http1/parse/header_reader.ts",
    line: "const first = reader.buffer[reader.start] ?? 0;",
    change: "0 → 1",
    reason: "The byte is there: the loops before have waited for it.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line: "if (entries.nameId > 0) entries.nameId = id;",
    change: "> → >=",
    reason: "No entry has the id 0.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line: "if (position < GUESSES) this.#guesses[position] = id;",
    change: "this.#guesses[position] = id; → ;",
    reason: "Guesses save time, and change no result.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line: "if (position < GUESSES) this.#guesses[position] = id;",
    change: "< → <=",
    reason: "One guess more is kept, and is as good as the others.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line: "const NO_ENTRY = 0;",
    change: "0 → 1",
    reason: "A guess is compared with the field before it is used.",
  },
  {
    file: "src/client/sessions/silence_watch.ts",
    line:
      "const roundTrips = sessions.map(({ stats }) => stats.roundTripTime ?? 0);",
    change: "0 → 1",
    reason: "Twice 1 ms is less than a reply may take.",
  },
  {
    file: "src/net/dial/dial.ts",
    line: "const opened = Promise.any(tries).then(() => true, () => false);",
    change: "false → true",
    reason:
      "Before all attempts have failed, the last one has, and that is heard first.",
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
