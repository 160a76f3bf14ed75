import { BlockReader } from "./block_reader.ts";
import {
  checkedTableSize,
  DEFAULT_TABLE_SIZE,
  DynamicTable,
  entrySize,
} from "./dynamic_table.ts";
import { HpackError, malformedBlock } from "./errors.ts";
import { STATIC_LENGTH, STATIC_NAMES, STATIC_VALUES } from "./static_table.ts";

const INDEXED_FLAG = 0x80;
const INDEXED_BITS = 7;
const ADD_FLAG = 0x40;
const ADD_BITS = 6;
const SIZE_UPDATE_FLAG = 0x20;
const SIZE_UPDATE_BITS = 5;
/** Literals without indexing and never indexed both have four bits. */
const LITERAL_BITS = 4;

/** The default limit of a list; browsers and sites send far less. */
const DEFAULT_MAX_FIELD_SECTION = 64 * 1024;

/**
 * A list of this many times the limit, or the default limit if that is larger,
 * is a bomb: one octet of a block can name a whole table. The connection ends
 * before more work goes into it.
 */
const BOMB_FACTOR = 16;

/** Options of an `HpackDecoder`. */
export interface HpackDecoderOptions {
  /** Our SETTINGS_HEADER_TABLE_SIZE in octets: 0 to 1 MiB. Default 4096. */
  readonly maxTableSize?: number;
  /** Our SETTINGS_MAX_HEADER_LIST_SIZE in octets (RFC 9113 §6.5.2). Default 64 KiB. */
  readonly maxFieldSectionSize?: number;
}

/**
 * Decodes field blocks into lists of fields (RFC 7541 §3.2, §6), for one
 * direction of one connection. Blocks must be passed in the order they arrive.
 */
export class HpackDecoder {
  readonly #reader = new BlockReader();
  readonly #table = new DynamicTable(DEFAULT_TABLE_SIZE);
  readonly #ownMaxSize: number;
  readonly #maxFieldSection: number;
  /** The largest size the peer may set for the table. */
  #sizeLimit: number;
  /** The field that was read last. */
  #name = "";
  #value = "";

  /**
   * A decoder for a new connection.
   *
   * @throws {RangeError} When `maxTableSize` is out of bounds.
   */
  constructor(
    {
      maxTableSize = DEFAULT_TABLE_SIZE,
      maxFieldSectionSize = DEFAULT_MAX_FIELD_SECTION,
    }: HpackDecoderOptions = {},
  ) {
    this.#ownMaxSize = checkedTableSize(maxTableSize);
    this.#maxFieldSection = maxFieldSectionSize;
    // Until the peer has our SETTINGS, the default applies.
    this.#sizeLimit = Math.max(this.#ownMaxSize, DEFAULT_TABLE_SIZE);
  }

  /**
   * Notes that the peer has acknowledged our SETTINGS. If they made the table
   * smaller, its first block afterwards has to say so (RFC 9113 §4.3.1).
   */
  acknowledgeMaxTableSize(): void {
    this.#sizeLimit = this.#ownMaxSize;
  }

  /**
   * Decodes a block.
   *
   * @returns Names and values in turn, each character an octet (ISO 8859-1).
   * @throws {HpackError} `compression`: the block breaks RFC 7541. `bomb`: it
   * expands beyond reason. After both, no further block can be decoded.
   * `tooLarge`: the list exceeds `maxFieldSectionSize`; further blocks can be
   * decoded.
   */
  decode(block: Uint8Array): string[] {
    this.#reader.open(block);
    try {
      this.#readSizeUpdates();
      return this.#readFields();
    } finally {
      this.#reader.close();
    }
  }

  #readSizeUpdates(): void {
    while (isSizeUpdate(this.#reader.peek())) {
      const size = this.#reader.integer(SIZE_UPDATE_BITS);
      if (size > this.#sizeLimit) {
        throw malformedBlock("it makes the table larger than allowed");
      }
      this.#table.resize(size);
    }
    if (this.#table.maxSize > this.#sizeLimit) {
      throw malformedBlock("it does not make the table smaller, as announced");
    }
  }

  #readFields(): string[] {
    const fields: string[] = [];
    let size = 0;
    while (!this.#reader.ended) {
      this.#readField();
      size += entrySize(this.#name, this.#value);
      // Beyond the limit, fields are read only to keep the table in step.
      if (size <= this.#maxFieldSection) fields.push(this.#name, this.#value);
      else this.#checkBomb(size);
    }
    if (size <= this.#maxFieldSection) return fields;
    throw new HpackError(
      "tooLarge",
      `Cannot accept the fields: they have ${size} octets, send at most ${this.#maxFieldSection}`,
    );
  }

  #readField(): void {
    const first = this.#reader.peek();
    if (first >= INDEXED_FLAG) {
      this.#lookUp(this.#reader.integer(INDEXED_BITS));
    } else if (first >= ADD_FLAG) {
      this.#readLiteral(ADD_BITS);
      this.#table.insert(this.#name, this.#value);
    } else if (first >= SIZE_UPDATE_FLAG) {
      throw malformedBlock("the table's size changes after the first field");
    } else {
      this.#readLiteral(LITERAL_BITS);
    }
  }

  #readLiteral(prefixBits: number): void {
    const nameIndex = this.#reader.integer(prefixBits);
    if (nameIndex === 0) this.#name = this.#reader.string();
    else this.#lookUp(nameIndex);
    this.#value = this.#reader.string();
  }

  #lookUp(index: number): void {
    if (index <= STATIC_LENGTH) {
      if (index === 0) throw malformedBlock("index 0 is not an entry");
      this.#name = STATIC_NAMES[index] ?? "";
      this.#value = STATIC_VALUES[index] ?? "";
      return;
    }
    const dynamicIndex = index - STATIC_LENGTH - 1;
    if (dynamicIndex >= this.#table.length) {
      throw malformedBlock(`index ${index} is past the end of the table`);
    }
    this.#name = this.#table.nameAt(dynamicIndex);
    this.#value = this.#table.valueAt(dynamicIndex);
  }

  #checkBomb(size: number): void {
    const limit = Math.max(this.#maxFieldSection, DEFAULT_MAX_FIELD_SECTION);
    if (size <= limit * BOMB_FACTOR) return;
    throw new HpackError(
      "bomb",
      `Cannot decode the field block: its fields have over ${
        limit * BOMB_FACTOR
      } octets, close the connection`,
    );
  }
}

function isSizeUpdate(first: number): boolean {
  return (first & 0xe0) === SIZE_UPDATE_FLAG;
}
