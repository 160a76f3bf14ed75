import { hideInContent } from "./http_message.ts";

/** Enough for what people look for in a log, too little to fill a disk by one download. */
const MAX_BYTES = 16 * 1024;

/** Types whose content people can read. */
const READABLE =
  /^(?:text\/|application\/(?:[\w.+-]*json|[\w.+-]*xml|javascript|x-www-form-urlencoded)\b)/i;

/** Whether people can read content of this Content-Type. */
export function isReadableType(type: string): boolean {
  return READABLE.test(type);
}

/** Collects the first 16 KiB of a content that passes by. */
export class SampledText {
  readonly #type: string;
  readonly #isReadable: boolean;
  readonly #bytes = new Uint8Array(MAX_BYTES);
  #kept = 0;
  #total = 0;

  /**
   * @param type The Content-Type.
   * @param coding The Content-Encoding: coded content is not read.
   */
  constructor(type: string | undefined, coding: string | undefined) {
    this.#type = type ?? "unknown type";
    this.#isReadable = isReadableType(this.#type) &&
      (coding === undefined || coding === "identity");
  }

  /** Looks at a piece of the content. */
  add(piece: Uint8Array): void {
    this.#total += piece.byteLength;
    if (!this.#isReadable) return;
    const room = piece.subarray(0, MAX_BYTES - this.#kept);
    this.#bytes.set(room, this.#kept);
    this.#kept += room.byteLength;
  }

  /** What the log shows: the text without its secrets, or what kind of content it is. */
  toString(): string {
    if (this.#total === 0) return "";
    const size = `${this.#total} bytes`;
    if (!this.#isReadable) return `(${size} of ${this.#type})`;
    const text = new TextDecoder().decode(this.#bytes.subarray(0, this.#kept));
    const rest = this.#total > this.#kept ? ` (the beginning of ${size})` : "";
    return hideInContent(text) + rest;
  }
}
