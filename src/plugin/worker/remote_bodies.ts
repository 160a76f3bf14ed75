/**
 * Content that a plugin in a worker changes or makes, seen from the program:
 * each step is a question to the worker.
 *
 * @module
 */
import type {
  BodyPlan,
  RequestOutcome,
  ResponseChange,
  SourcePlan,
} from "../results/outcomes.ts";
import type { WireBody, WireRequest, WireResponse, WireStep } from "./wire.ts";
import type { WorkerLink } from "./worker_link.ts";

/** Makes plans out of the numbers that a worker gave. */
export class RemoteBodies {
  readonly #link: WorkerLink;

  constructor(link: WorkerLink) {
    this.#link = link;
  }

  /** What a `request` hook decided. */
  request(outcome: WireRequest): RequestOutcome {
    if (outcome.kind === "change") {
      return { ...outcome, body: this.#plan(outcome.body) };
    }
    const { body } = outcome;
    return { ...outcome, body: body === undefined ? body : this.#source(body) };
  }

  /** What a `response` hook decided. */
  response(change: WireResponse): ResponseChange {
    return { ...change, body: this.#plan(change.body) };
  }

  #plan(wire: WireBody | undefined): BodyPlan | undefined {
    switch (wire?.kind) {
      case undefined:
        return undefined;
      case "bytes":
        return wire;
      case "text": {
        const { body, limit } = wire;
        return {
          kind: "text",
          limit,
          rewrite: (text) => this.#text({ body, step: "rewrite", text }),
          release: () => this.#release(body),
        };
      }
      case "transform": {
        const { body, hasFlush } = wire;
        return {
          kind: "transform",
          transform: (chunk) => this.#transform(body, chunk),
          flush: hasFlush
            ? () => this.#chunk({ body, step: "flush" })
            : undefined,
          release: () => this.#release(body),
        };
      }
    }
  }

  #source(body: number): SourcePlan {
    return {
      pull: () => this.#chunk({ body, step: "pull" }),
      cancel: async () => void await this.#chunk({ body, step: "cancel" }),
      release: () => this.#release(body),
    };
  }

  /** What is sent is the whole buffer: a copy of just these bytes. */
  #transform(
    body: number,
    bytes: Uint8Array,
  ): Promise<Uint8Array | undefined> {
    const chunk = new Uint8Array(bytes);
    return this.#chunk({ body, step: "transform", chunk }, [chunk.buffer]);
  }

  async #chunk(
    step: WireStep,
    transfer: Transferable[] = [],
  ): Promise<Uint8Array | undefined> {
    const result = await this.#link.ask({ kind: "step", step }, { transfer });
    return result.of === "chunk" ? result.chunk : undefined;
  }

  async #text(step: WireStep): Promise<string> {
    const result = await this.#link.ask({ kind: "step", step });
    return result.of === "text" ? result.text : "";
  }

  #release(body: number): void {
    this.#link.tell({ kind: "release", body });
  }
}
