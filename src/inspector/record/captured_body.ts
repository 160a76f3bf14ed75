/**
 * The beginning of a message's content, as the bytes that passed.
 *
 * @module
 */
import type { BodyEnd, BodyTap } from "../../http/tapped_body.ts";

/** Room that is taken at first; it doubles when it is full. */
const FIRST_ROOM = 1024;

/** Keeps content while it passes, up to a limit. */
export class KeptContent implements BodyTap {
  readonly #onGrow: (bytes: number) => void;
  readonly #onEnd: (end: BodyEnd) => void;
  #limit: number;
  #room: Uint8Array = new Uint8Array();
  #kept = 0;
  #total = 0;
  #end: BodyEnd | undefined;

  /**
   * @param limit In bytes.
   * @param told How much memory it takes more, and when it has ended.
   */
  constructor(
    limit: number,
    told: {
      readonly onGrow: (bytes: number) => void;
      readonly onEnd?: (end: BodyEnd) => void;
    },
  ) {
    this.#limit = limit;
    this.#onGrow = told.onGrow;
    this.#onEnd = told.onEnd ?? (() => {});
  }

  /** What is kept. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#kept);
  }

  /** How much memory it takes, in bytes. */
  get room(): number {
    return this.#room.byteLength;
  }

  /** How many bytes have passed. */
  get total(): number {
    return this.#total;
  }

  /** Whether all of it has passed, and all of it is kept. */
  get isWhole(): boolean {
    return this.#end === "whole" && this.#kept === this.#total;
  }

  onPiece(piece: Uint8Array): void {
    this.#total += piece.byteLength;
    const taken = piece.subarray(0, Math.max(0, this.#limit - this.#kept));
    if (taken.byteLength === 0) return;
    const before = this.#room.byteLength;
    this.#makeRoom(this.#kept + taken.byteLength);
    this.#room.set(taken, this.#kept);
    this.#kept += taken.byteLength;
    const grown = this.#room.byteLength - before;
    // Last: whoever is told may let go of this very content.
    if (grown > 0) this.#onGrow(grown);
  }

  onEnd(end: BodyEnd): void {
    this.#end = end;
    this.#onEnd(end);
  }

  /** Keeps nothing any more. */
  drop(): void {
    this.#limit = 0;
    this.#kept = 0;
    this.#room = new Uint8Array();
  }

  #makeRoom(wanted: number): void {
    if (wanted <= this.#room.byteLength) return;
    let size = Math.max(FIRST_ROOM, this.#room.byteLength);
    while (size < wanted) size *= 2;
    const room = new Uint8Array(Math.min(size, this.#limit));
    room.set(this.bytes);
    this.#room = room;
  }
}
