/**
 * What a node tells the nodes that are linked to it: which tunnels have sessions
 * here, how busy it is, and whether it is going away. A node says only what it
 * holds itself, so nobody repeats what is not true any more.
 *
 * It is lines of text: `+<tunnel id>`, `-<tunnel id>`, `l<exchanges>`, `d` for
 * draining. `s` ends the first part, which says all that there is.
 */
import { ChangeEmitter } from "../async/change_feed.ts";
import type { Body } from "../http/exchange.ts";

/** Characters of a line: an id, and a sign before it. */
export const MAX_LINE = 64;

/** One thing that a node says. */
export type PresenceEvent =
  | { readonly kind: "held" | "dropped"; readonly tunnelId: string }
  | { readonly kind: "load"; readonly exchanges: number }
  | { readonly kind: "draining" | "complete" };

/** Characters after which a piece ends. */
const MAX_PIECE = 8 * 1024;

const HELD = /^([+-])([0-9a-f]{32})$/;
const LOAD = /^l(\d{1,9})$/;

/** What a line says. @throws {SyntaxError} When it says nothing that a node says. */
export function readPresenceLine(line: string): PresenceEvent {
  if (line === "d") return { kind: "draining" };
  if (line === "s") return { kind: "complete" };
  const [, exchanges] = LOAD.exec(line) ?? [];
  if (exchanges !== undefined) {
    return { kind: "load", exchanges: Number(exchanges) };
  }
  const [, sign, tunnelId] = HELD.exec(line) ?? [];
  if (tunnelId === undefined) {
    throw new SyntaxError("Cannot read what another node says: update it");
  }
  return { kind: sign === "+" ? "held" : "dropped", tunnelId };
}

/** What one node holds. */
export class Presence {
  readonly #held = new Set<string>();
  readonly #changes = new ChangeEmitter<string | undefined>();
  #exchanges = 0;
  #isDraining = false;
  #listeners = 0;

  /** The tunnels with sessions here. */
  get held(): ReadonlySet<string> {
    return this.#held;
  }

  /** How many nodes listen. */
  get listeners(): number {
    return this.#listeners;
  }

  /** Running exchanges, as they were announced last. */
  get exchanges(): number {
    return this.#exchanges;
  }

  /** Whether the node takes nothing new. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Says that a tunnel has a session here. */
  hold(tunnelId: string): void {
    if (this.#held.has(tunnelId)) return;
    this.#held.add(tunnelId);
    this.#changes.publish(tunnelId);
  }

  /** Says that a tunnel has no session here any more. */
  drop(tunnelId: string): void {
    if (this.#held.delete(tunnelId)) this.#changes.publish(tunnelId);
  }

  /** Says how many exchanges are running here. */
  announceLoad(exchanges: number): void {
    if (this.#exchanges === exchanges) return;
    this.#exchanges = exchanges;
    this.#changes.publish(undefined);
  }

  /** Says that the node takes nothing new. */
  drain(): void {
    this.#isDraining = true;
    this.#changes.publish(undefined);
  }

  /** All of it as the content of a response that goes on until it is cancelled. */
  tell(): Body {
    this.#listeners += 1;
    return new PresenceBody(this, {
      changes: this.#changes,
      onEnd: () => this.#listeners -= 1,
    });
  }
}

/**
 * The lines for one listener. It keeps the ids that have changed, not the
 * changes: so a slow listener costs no more than the tunnels that there are.
 */
class PresenceBody implements Body {
  readonly length = undefined;
  readonly trailers = undefined;
  readonly #presence: Presence;
  readonly #subscription: Disposable;
  readonly #onEnd: () => void;
  /** Tunnels about which there is something to say. */
  readonly #changed: Set<string>;
  /** What the listener has already. */
  readonly #told = new Set<string>();
  /** What has not been read of the last piece. */
  #unread = new Uint8Array(0);
  #toldLoad = 0;
  #toldDraining = false;
  #isComplete = false;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(
    presence: Presence,
    { changes, onEnd }: {
      readonly changes: ChangeEmitter<string | undefined>;
      readonly onEnd: () => void;
    },
  ) {
    this.#presence = presence;
    this.#onEnd = onEnd;
    this.#changed = new Set(presence.held);
    this.#subscription = changes.subscribe((tunnelId) => {
      if (tunnelId !== undefined) this.#note(tunnelId);
      this.#wake?.();
    });
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#unread.length === 0) {
      if (this.#isOver) return null;
      this.#unread = new TextEncoder().encode(this.#next());
      if (this.#unread.length > 0) break;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const piece = this.#unread.subarray(0, into.length);
    this.#unread = this.#unread.subarray(piece.length);
    into.set(piece);
    return piece.length;
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unread = new Uint8Array(0);
    this.#onEnd();
    this.#subscription[Symbol.dispose]();
    this.#wake?.();
  }

  /** Some lines; empty when there is nothing to say. */
  #next(): string {
    let text = "";
    for (const tunnelId of this.#changed) {
      if (text.length >= MAX_PIECE) return text;
      this.#changed.delete(tunnelId);
      text += this.#lineOf(tunnelId);
    }
    return text + this.#rest();
  }

  /** What came and went before it was said needs no line. */
  #note(tunnelId: string): void {
    const isHeld = this.#presence.held.has(tunnelId);
    if (isHeld === this.#told.has(tunnelId)) this.#changed.delete(tunnelId);
    else this.#changed.add(tunnelId);
  }

  #lineOf(tunnelId: string): string {
    const isHeld = this.#presence.held.has(tunnelId);
    if (isHeld) this.#told.add(tunnelId);
    else this.#told.delete(tunnelId);
    return `${isHeld ? "+" : "-"}${tunnelId}\n`;
  }

  #rest(): string {
    const { exchanges, isDraining } = this.#presence;
    let text = "";
    if (exchanges !== this.#toldLoad) text += `l${exchanges}\n`;
    this.#toldLoad = exchanges;
    if (isDraining && !this.#toldDraining) text += "d\n";
    this.#toldDraining = isDraining;
    if (!this.#isComplete) text += "s\n";
    this.#isComplete = true;
    return text;
  }
}
