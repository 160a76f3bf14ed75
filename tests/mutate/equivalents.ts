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
  {
    file: "src/http2/hpack/encoder_table.ts",
    line: "const GUESSES = 32;",
    change: "32 → 64",
    reason: "Guesses save time, and change no result.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line: "if (this.#isAt(guess, name, value)) return this.#indexOf(guess);",
    change:
      "if (this.#isAt(guess, name, value)) return this.#indexOf(guess); → ;",
    reason: "A guess that is not taken is looked up.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line: "const index = this.#dynamic.newest - id;",
    change: "- → +",
    reason: "A sum is at no place, and a guess that is not taken is looked up.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line:
      "return id < 0 ? -id : STATIC_LENGTH + 1 + this.#dynamic.newest - id;",
    change: "< → <=",
    reason: "No entry has the id 0.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line:
      "return id < 0 ? -id : STATIC_LENGTH + 1 + this.#dynamic.newest - id;",
    change: "0 → 1",
    reason: "No entry has the id 0.",
  },
  {
    file: "src/http2/hpack/encoder_table.ts",
    line: "if (entries === undefined) return;",
    change: "if (entries === undefined) return; → ;",
    reason: "A field is inserted once, so its name is known until it leaves.",
  },
  {
    file: "src/http1/parse/connection_headers.ts",
    line: "for (let at = 0; at < flat.length; at += 2) {",
    change: "< → <=",
    reason: "Behind the last field is an empty name, which is left out.",
  },
  {
    file: "src/http1/parse/connection_headers.ts",
    line: "if (!LENGTHS.has(name.length)) continue;",
    change: "if (!LENGTHS.has(name.length)) continue; → ;",
    reason: "The lengths save time. The names decide.",
  },
  {
    file: "src/http1/parse/content_reader.ts",
    line: "into.length > this.#left ? into.subarray(0, this.#left) : into,",
    change: "> → >=",
    reason: "With as many bytes the part is the whole.",
  },
  {
    file: "src/metrics/duration_tally.ts",
    line:
      "while (at < this.#bounds.length && seconds > (this.#bounds[at] ?? 0)) at++;",
    change: "0 → 1",
    reason: "There is a bound at each place.",
  },
  {
    file: "src/metrics/duration_tally.ts",
    line: "this.counts[at] = (this.counts[at] ?? 0) + 1;",
    change: "0 → 1",
    reason: "There is a number at each place.",
  },
  {
    file: "src/metrics/duration_tally.ts",
    line:
      "...bounds.map((bound, at) => bucket(bound, within += counts[at] ?? 0)),",
    change: "0 → 1",
    reason: "There is a number at each place.",
  },
  {
    file: "src/net/address/carried_ipv4.ts",
    line: "new ipaddr.IPv4(places.map((place) => bytes[place] ?? 0));",
    change: "0 → 1",
    reason: "An address has all its bytes.",
  },
  {
    file: "src/http2/frames/settings.ts",
    line: "const id = (payload[at] ?? 0) << 8 | (payload[at + 1] ?? 0);",
    change: "0 → 1",
    reason: "A valid payload has all its bytes.",
  },
  {
    file: "src/http2/frames/field_block.ts",
    line: "end -= checkPadding(header, payload[0] ?? 0);",
    change: "0 → 1",
    reason: "Neither length of padding fits into an empty payload.",
  },
  {
    file: "src/http2/frames/write_buffer.ts",
    line: "let before = -1;",
    change: "1 → 2",
    reason: "Any number below 0 will do.",
  },
  {
    file: "src/http2/frames/write_buffer.ts",
    line: "const GATHER_TURNS = 8;",
    change: "8 → 9",
    reason: "Nobody needs a turn of the microtask queue more or less.",
  },
  {
    file: "src/http2/frames/write_buffer.ts",
    line: "for (let turn = 0; turn < GATHER_TURNS; turn++) await undefined;",
    change: "0 → 1",
    reason: "Nobody needs a turn of the microtask queue more or less.",
  },
  {
    file: "src/http2/frames/write_buffer.ts",
    line: "for (let turn = 0; turn < GATHER_TURNS; turn++) await undefined;",
    change: "< → <=",
    reason: "Nobody needs a turn of the microtask queue more or less.",
  },
  {
    file: "src/async/lines_by_key.ts",
    line: "if (each[1].size >= (longest?.[1].size ?? 0)) longest = each;",
    change: "0 → 1",
    reason: "No line is empty.",
  },
  {
    file: "src/async/lines_by_key.ts",
    line:
      "if (longest && newest !== undefined) this.delete(longest[0], newest);",
    change: "&& → ||",
    reason: "There is a line where there are too many entries.",
  },
  {
    file: "src/config/values/near_miss.ts",
    line: 'if (amount === undefined || factor === undefined) return "";',
    change: 'if (amount === undefined || factor === undefined) return ""; → ;',
    reason: "What is missing makes no number, and that is not meant either.",
  },
  {
    file: "src/config/sources/argv.ts",
    line: "if (value === undefined) return undefined;",
    change: "if (value === undefined) return undefined; → ;",
    reason: "It does not begin with a dash, so it is returned below.",
  },
  {
    file: "src/websocket/frames/encode_frames.ts",
    line: "const NOTHING = new Uint8Array(0);",
    change: "0 → 1",
    reason: "No head of a frame fits, so it is replaced before it is written.",
  },
  {
    file: "src/config/trusted_servers.ts",
    line: "{ createNew: true, mode: OWNER_ONLY_FILE },",
    change: "true → false",
    reason: "The name of the draft is random, so no file has it.",
  },
];
