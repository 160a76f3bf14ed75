/* Applies changes to content, and to the fields that describe it. */
import type { Body } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import type { Content } from "./content.ts";
import type { HookedContent } from "./hooked_content.ts";
import type {
  BodyPlan,
  ByteSource,
  RequestOutcome,
  ResponseOutcome,
} from "./outcomes.ts";

/**
 * The content after a hook. Afterwards, nothing else of the old content may be
 * used.
 *
 * @param fields After the changes of the hook.
 */
export function changeContent(
  fields: Fields,
  plan: BodyPlan | undefined,
  reader: HookedContent,
): Content {
  if (plan === undefined) {
    reader.close();
    return { body: reader.body, fields };
  }
  const changed = fields.clone();
  if (plan.kind === "bytes") {
    const body = reader.replaceBy(plan.bytes);
    const length = body === undefined ? 0 : body.length;
    if (length === undefined) changed.delete("content-length");
    else changed.set("Content-Length", String(length));
    return { body, fields: changed };
  }
  if (!plan.isDerived) reader.discard();
  changed.delete("content-length");
  return { body: new SourceBody(plan.source, reader), fields: changed };
}

/** Stops a change that is not applied. */
export function giveUp(plan: BodyPlan | undefined): void {
  if (plan?.kind === "stream") new SourceBody(plan.source).cancel();
}

/** Whether new content is made of the old. */
export function reads(
  outcome: RequestOutcome | ResponseOutcome | undefined,
): boolean {
  const body = bodyOf(outcome);
  return body?.kind === "stream" && body.isDerived;
}

/** The new content of an outcome, if it has some. */
export function bodyOf(
  outcome: RequestOutcome | ResponseOutcome | undefined,
): BodyPlan | undefined {
  return outcome === undefined || outcome.kind === "abort"
    ? undefined
    : outcome.body;
}

/** Content that a plugin makes. It pulls only when its reader reads. */
export class SourceBody implements Body {
  readonly length: undefined;
  readonly #source: ByteSource;
  readonly #original: HookedContent | undefined;
  #rest: Uint8Array = new Uint8Array();
  #isOver = false;

  /** @param original What the source may read: it is closed with it, and has its trailers. */
  constructor(source: ByteSource, original?: HookedContent) {
    this.#source = source;
    this.#original = original;
  }

  get trailers(): Fields | undefined {
    return this.#original?.trailers;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      if (this.#isOver) return null;
      this.#rest = await this.#pull() ?? new Uint8Array();
    }
    const piece = this.#rest.subarray(0, into.length);
    into.set(piece);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length;
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#rest = new Uint8Array();
    this.#end();
    void this.#discard();
  }

  async #pull(): Promise<Uint8Array | undefined> {
    try {
      const chunk = await this.#source.pull();
      if (chunk === undefined) this.#end();
      return chunk;
    } catch (thrown) {
      this.#end();
      throw thrown;
    }
  }

  async #discard(): Promise<void> {
    try {
      await this.#source.cancel();
    } catch {
      // The failure was counted where it happened. Nobody waits for the result.
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#original?.finish();
  }
}
