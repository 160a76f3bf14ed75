/**
 * Content that a plugin in a worker changes or makes: its functions stay in
 * the worker, under a number, until the program releases them.
 *
 * @module
 */
import type {
  BodyPlan,
  RequestOutcome,
  ResponseChange,
  SourcePlan,
} from "../results/outcomes.ts";
import type { WireBody, WireResult, WireStep } from "./wire.ts";

const NOTHING: WireResult = { of: "nothing" };

/** The functions of one plugin by number. */
export class WorkerBodies {
  readonly #bodies = new Map<number, BodyPlan | SourcePlan>();
  #last = 0;

  /** What a `request` hook decided, as data. */
  request(outcome: RequestOutcome | undefined): WireResult {
    if (outcome === undefined) return NOTHING;
    if (outcome.kind === "answer") {
      const { body } = outcome;
      const number = body && this.#keep(body);
      return { of: "request", outcome: { ...outcome, body: number } };
    }
    const body = this.#toWire(outcome.body);
    return { of: "request", outcome: { ...outcome, body } };
  }

  /** What a `response` hook decided, as data. */
  response(change: ResponseChange | undefined): WireResult {
    if (change === undefined) return NOTHING;
    const body = this.#toWire(change.body);
    return { of: "response", change: { ...change, body } };
  }

  /** Does what the program wants done next. */
  async step(wire: WireStep): Promise<WireResult> {
    const body = this.#bodies.get(wire.body);
    if (body === undefined) return NOTHING;
    if (!("kind" in body)) return await stepSource(body, wire);
    if (body.kind === "text" && wire.step === "rewrite") {
      return { of: "text", text: await body.rewrite(wire.text) };
    }
    if (body.kind !== "transform") return NOTHING;
    if (wire.step === "flush") return chunkResult(await body.flush?.());
    if (wire.step !== "transform") return NOTHING;
    return chunkResult(await body.transform(wire.chunk));
  }

  /** Forgets one: nothing more will be asked. */
  release(number: number): void {
    this.#bodies.delete(number);
  }

  #toWire(plan: BodyPlan | undefined): WireBody | undefined {
    switch (plan?.kind) {
      case undefined:
        return undefined;
      case "bytes":
        return { kind: "bytes", bytes: plan.bytes.slice() };
      case "text":
        return { kind: "text", limit: plan.limit, body: this.#keep(plan) };
      case "transform": {
        const hasFlush = plan.flush !== undefined;
        return { kind: "transform", hasFlush, body: this.#keep(plan) };
      }
    }
  }

  #keep(body: BodyPlan | SourcePlan): number {
    this.#last += 1;
    this.#bodies.set(this.#last, body);
    return this.#last;
  }
}

async function stepSource(
  source: SourcePlan,
  { step }: WireStep,
): Promise<WireResult> {
  if (step === "pull") return chunkResult(await source.pull());
  if (step === "cancel") await source.cancel();
  return NOTHING;
}

/** A copy of just these bytes: what is sent is the whole buffer behind them. */
function chunkResult(chunk: Uint8Array | undefined): WireResult {
  if (chunk === undefined) return NOTHING;
  return { of: "chunk", chunk: new Uint8Array(chunk) };
}
