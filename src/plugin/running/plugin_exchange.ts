import type { ContentPort } from "../results/outcomes.ts";

/**
 * One exchange as one plugin knows it. The hooks of the exchange share it.
 * Disposing ends it.
 */
export class PluginExchange implements Disposable {
  /** What the plugin keeps as `context.state`; made on first use, where the plugin runs. */
  state: Record<string, unknown> | undefined;
  /** The content of the message that the hook gets; `undefined` without any. */
  content: ContentPort | undefined;
  /** Its number where the plugin runs; 0 before the first call. */
  key = 0;
  #onEnd: (() => void) | undefined;
  #isOver = false;

  /** Calls `forget` once at the end, or at once when that is past: a hook may be late. */
  atEnd(forget: () => void): void {
    if (this.#isOver) return forget();
    this.#onEnd = forget;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#onEnd?.();
    this.#onEnd = undefined;
    this.state = undefined;
  }
}
