import { BlockWriter } from "./block_writer.ts";
import {
  checkedTableSize,
  DEFAULT_TABLE_SIZE,
  entrySize,
} from "./dynamic_table.ts";
import { EncoderTable } from "./encoder_table.ts";

const INDEXED = { flags: 0x80, prefixBits: 7 } as const;
const SIZE_UPDATE = { flags: 0x20, prefixBits: 5 } as const;
const LITERAL = {
  incremental: { flags: 0x40, prefixBits: 6 },
  without: { flags: 0x00, prefixBits: 4 },
  never: { flags: 0x10, prefixBits: 4 },
} as const;

/** The largest value a SETTINGS frame can carry. */
const MAX_SETTING = 2 ** 32 - 1;

/** Options of an `HpackEncoder`. */
export interface HpackEncoderOptions {
  /** Octets of our table, whatever the peer allows: 0 to 1 MiB. Default 4096. */
  readonly maxTableSize?: number;
}

/**
 * Encodes lists of fields as field blocks (RFC 7541 §6), for one direction of
 * one connection. Blocks must reach the peer in the order of the calls.
 */
export class HpackEncoder {
  readonly #writer = new BlockWriter();
  readonly #table = new EncoderTable(DEFAULT_TABLE_SIZE);
  readonly #ownMaxSize: number;
  /** The table's size from the coming block on. */
  #wantedSize: number;
  /** Whether that block has to announce the size. */
  #isResized: boolean;
  /** The smallest size since the last block. */
  #smallestSize = Infinity;

  /**
   * An encoder for a new connection.
   *
   * @throws {RangeError} When `maxTableSize` is out of bounds.
   */
  constructor(
    { maxTableSize = DEFAULT_TABLE_SIZE }: HpackEncoderOptions = {},
  ) {
    this.#ownMaxSize = checkedTableSize(maxTableSize);
    this.#wantedSize = Math.min(this.#ownMaxSize, DEFAULT_TABLE_SIZE);
    this.#isResized = this.#wantedSize !== DEFAULT_TABLE_SIZE;
  }

  /**
   * Sets the peer's SETTINGS_HEADER_TABLE_SIZE; the coming block announces the
   * result (RFC 7541 §4.2).
   *
   * @param size Octets: 0 to 2^32 - 1.
   * @throws {RangeError} When `size` cannot be a setting.
   */
  setPeerMaxTableSize(size: number): void {
    if (!Number.isInteger(size) || size < 0 || size > MAX_SETTING) {
      throw new RangeError(
        `Cannot accept "${size}" as the peer's table size: not a 32-bit number, pass the setting as received`,
      );
    }
    const wanted = Math.min(size, this.#ownMaxSize);
    if (wanted === this.#wantedSize) return;
    this.#wantedSize = wanted;
    this.#smallestSize = Math.min(this.#smallestSize, wanted);
    this.#isResized = true;
  }

  /**
   * Encodes names and values in turn: lower-case names, ISO 8859-1 values.
   *
   * @returns The block: a view of the encoder's memory, valid until the next
   * call.
   * @throws {TypeError} When a value is missing or a character is not an octet.
   * Then there is no block, and the encoder stays usable.
   */
  encode(fields: readonly string[]): Uint8Array {
    if (fields.length % 2 !== 0) {
      throw new TypeError(
        "Cannot encode the fields: the last name has no value, pass names and values in turn",
      );
    }
    this.#writer.clear();
    if (this.#isResized) this.#updateSize();
    try {
      for (let at = 0; at < fields.length; at += 2) {
        this.#encodeField(fields[at] ?? "", fields[at + 1] ?? "", at / 2);
      }
    } catch (error) {
      // The table has entries now that the peer does not know: empty both tables.
      this.#smallestSize = 0;
      this.#isResized = true;
      throw error;
    }
    return this.#writer.block;
  }

  #updateSize(): void {
    if (this.#smallestSize < this.#wantedSize) {
      this.#writeSize(this.#smallestSize);
    }
    this.#writeSize(this.#wantedSize);
    this.#smallestSize = Infinity;
    this.#isResized = false;
  }

  #writeSize(size: number): void {
    this.#writer.integer(SIZE_UPDATE.flags, SIZE_UPDATE.prefixBits, size);
    this.#table.resize(size);
  }

  #encodeField(name: string, value: string, position: number): void {
    const index = this.#table.find(name, value, position);
    if (index <= 0) return this.#encodeLiteral(name, value, -index);
    this.#writer.integer(INDEXED.flags, INDEXED.prefixBits, index);
  }

  #encodeLiteral(name: string, value: string, nameIndex: number): void {
    const indexing = this.#indexingOf(name, value);
    const { flags, prefixBits } = LITERAL[indexing];
    this.#writer.integer(flags, prefixBits, nameIndex);
    if (nameIndex === 0) this.#writer.string(name);
    this.#writer.string(value);
    if (indexing === "incremental") this.#table.insert(name, value);
  }

  #indexingOf(name: string, value: string): Indexing {
    const indexing = indexingOf(name, value);
    // It would evict more than it is worth.
    const isHuge = entrySize(name, value) > this.#table.maxSize / 2;
    return indexing === "incremental" && isHuge ? "without" : indexing;
  }
}

/**
 * How a field that is in no table yet is sent (RFC 7541 §6.2):
 *
 * - `incremental`: it is added to the dynamic table;
 * - `without`: it is not added, because its value changes each time and would
 *   only evict others;
 * - `never`: as `without`, and no intermediary may add it to a table. Somebody
 *   who can add guesses to a table with a secret could tell from the lengths
 *   when a guess is right (RFC 7541 §7.1.3).
 */
export type Indexing = "incremental" | "without" | "never";

/**
 * Shorter cookies, in octets, can be guessed. Longer ones have the entropy of a
 * session key; they are worth an entry, because every request repeats them.
 */
const SHORT_COOKIE = 20;

const BY_NAME: ReadonlyMap<string, Indexing> = new Map<string, Indexing>([
  [":path", "without"],
  ["age", "without"],
  ["authorization", "never"],
  ["content-length", "without"],
  ["content-range", "without"],
  ["etag", "without"],
  ["if-modified-since", "without"],
  ["if-none-match", "without"],
  ["last-modified", "without"],
  ["location", "without"],
  ["proxy-authorization", "never"],
  ["range", "without"],
  ["set-cookie", "never"],
]);

/** How to send a field; its name is lower-case. */
export function indexingOf(name: string, value: string): Indexing {
  if (name === "cookie" && value.length < SHORT_COOKIE) return "never";
  return BY_NAME.get(name) ?? "incremental";
}
