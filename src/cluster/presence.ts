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

  /** The tunnels with sessions here. */
  get held(): ReadonlySet<string> {
    return this.#held;
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
    return new PresenceBody(this, this.#changes);
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
  /** Tunnels about which there is something to say. */
  readonly #changed: Set<string>;
  /** What the listener has already. */
  readonly #told = new Set<string>();
  #toldLoad = 0;
  #toldDraining = false;
  #isComplete = false;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(
    presence: Presence,
    changes: ChangeEmitter<string | undefined>,
  ) {
    this.#presence = presence;
    this.#changed = new Set(presence.held);
    this.#subscription = changes.subscribe((tunnelId) => {
      if (tunnelId !== undefined) this.#changed.add(tunnelId);
      this.#wake?.();
    });
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (!this.#isOver) {
      const text = this.#next(into.byteLength);
      if (text !== "") return new TextEncoder().encodeInto(text, into).written;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return null;
  }

  cancel(): void {
    this.#isOver = true;
    this.#subscription[Symbol.dispose]();
    this.#wake?.();
  }

  /** Whole lines, as many as have room; empty when there is nothing to say. */
  #next(room: number): string {
    let text = "";
    for (const tunnelId of this.#changed) {
      if (text.length + MAX_LINE > room) return text;
      this.#changed.delete(tunnelId);
      text += this.#lineOf(tunnelId);
    }
    if (text.length + MAX_LINE > room) return text;
    return text + this.#rest();
  }

  #lineOf(tunnelId: string): string {
    const isHeld = this.#presence.held.has(tunnelId);
    if (isHeld === this.#told.has(tunnelId)) return "";
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
