/**
 * Sends recorded requests again: through the same handler, so that rules and
 * plugins apply, and recorded like all others.
 *
 * @module
 */
import { Problem } from "../../api/serving/problem.ts";
import { timer } from "../../async/timer.ts";
import type { Body, PlainRequest } from "../../http/exchange.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { Recorder } from "../record/recorder.ts";

/** Replays under way at once: people click, programs have the proxy. */
const MAX_REPLAYS = 16;
/** How long one may take, in milliseconds: streams of events never end. */
const TIME_LIMIT = 60_000;
/** How much of an answer is read at once. */
const PIECE = 64 * 1024;

/** Sends requests; disposing it ends those under way. */
export class Replayer implements AsyncDisposable {
  readonly #recorder: Recorder;
  readonly #underWay = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #last = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /**
   * Begins to send `request`.
   *
   * @param original Where it comes from.
   * @returns The id of the new exchange, which is recorded already.
   * @throws {Problem} 503 while too many are under way.
   */
  start(request: PlainRequest, original: ExchangeRecord): string {
    if (this.#underWay.size >= MAX_REPLAYS || this.#stop.signal.aborted) {
      throw new Problem(503, "Cannot send the request: too many are under way");
    }
    const id = `replay-${++this.#last}`;
    const run = this.#run(request, { id, replayOf: original.id });
    this.#underWay.add(run);
    void run.then(() => this.#underWay.delete(run));
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#underWay);
  }

  /** Never throws: what goes wrong stands in the record. */
  async #run(
    request: PlainRequest,
    { id, replayOf }: { readonly id: string; readonly replayOf: string },
  ): Promise<void> {
    const late = new AbortController();
    using _limit = timer(TIME_LIMIT, () => late.abort());
    const signal = AbortSignal.any([late.signal, this.#stop.signal]);
    const context = { id, signal, inform() {} };
    try {
      const response = await this.#recorder.carry(request, context, {
        replayOf,
      });
      if (response.kind === "stream") return closeQuietly(response.stream);
      await readAll(response.body, signal);
    } catch {
      // The record says that it was cut.
    }
  }
}

async function readAll(
  body: Body | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (body === undefined) return;
  const stop = () => body.cancel(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const piece = new Uint8Array(PIECE);
  try {
    while (!signal.aborted && await body.read(piece) !== null);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
