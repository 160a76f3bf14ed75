import type { BodyEnd, BodyTap } from "../../http/tapped_body.ts";

/** First size of the buffer, in bytes. It doubles when it is full. */
const FIRST_SIZE = 1024;

/** Keeps the beginning of a body while it passes, up to a limit. */
export class CapturedBody implements BodyTap {
  readonly #onGrow: (bytes: number) => void;
  readonly #onEnd: (end: BodyEnd) => void;
  readonly #length: number | undefined;
  #limit: number;
  #buffer: Uint8Array = new Uint8Array();
  #kept = 0;
  #total = 0;
  #end: BodyEnd | undefined;

  /**
   * @param limit In bytes.
   * @param about `onGrow` gets the bytes of additional memory; `onEnd` is called at the end of the body; `length` is what its sender said.
   */
  constructor(
    limit: number,
    about: {
      readonly onGrow: (bytes: number) => void;
      readonly onEnd?: (end: BodyEnd) => void;
      readonly length?: number | undefined;
    },
  ) {
    this.#limit = limit;
    this.#onGrow = about.onGrow;
    this.#onEnd = about.onEnd ?? (() => {});
    this.#length = about.length;
  }

  /** The bytes that are kept. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#kept);
  }

  /** Memory that it uses, in bytes. */
  get memory(): number {
    return this.#buffer.byteLength;
  }

  /** Bytes that have passed. */
  get total(): number {
    return this.#total;
  }

  /**
   * Whether the whole body has passed and is kept. A site may respond as soon as
   * it has all bytes. Nobody then reads on to the end that follows them.
   */
  get isWhole(): boolean {
    const hasPassed = this.#end === "whole" || this.#total === this.#length;
    return hasPassed && this.#kept === this.#total;
  }

  onPiece(piece: Uint8Array): void {
    this.#total += piece.byteLength;
    const taken = piece.subarray(0, Math.max(0, this.#limit - this.#kept));
    if (taken.byteLength === 0) return;
    const before = this.#buffer.byteLength;
    this.#reserve(this.#kept + taken.byteLength);
    this.#buffer.set(taken, this.#kept);
    this.#kept += taken.byteLength;
    const grown = this.#buffer.byteLength - before;
    // Last, because the listener may discard this very body.
    if (grown > 0) this.#onGrow(grown);
  }

  onEnd(end: BodyEnd): void {
    this.#end = end;
    this.#onEnd(end);
  }

  /** Frees the memory. Later bytes are only counted. */
  discard(): void {
    this.#limit = 0;
    this.#kept = 0;
    this.#buffer = new Uint8Array();
  }

  #reserve(wanted: number): void {
    if (wanted <= this.#buffer.byteLength) return;
    let size = Math.max(FIRST_SIZE, this.#buffer.byteLength);
    while (size < wanted) size *= 2;
    const buffer = new Uint8Array(Math.min(size, this.#limit));
    buffer.set(this.bytes);
    this.#buffer = buffer;
  }
}
