import { Problem } from "../../api/serving/problem.ts";
import { timer } from "../../async/timer.ts";
import type { Body, PlainRequest } from "../../http/exchange.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";
import type { ExchangeRecord } from "../record/exchange_record.ts";
import type { Recorder } from "../record/recorder.ts";

/** Replays at the same time. People start them by hand; programs use the proxy. */
const MAX_REPLAYS = 16;
/** Time limit of a replay, in milliseconds: event streams never end. */
const TIME_LIMIT = 60_000;
/** Bytes of a response that are read at once. */
const CHUNK_SIZE = 64 * 1024;

/**
 * Sends recorded requests again, through the same handler: rules and plugins
 * apply, and the exchange is recorded. Disposing it ends the running replays.
 */
export class Replayer implements AsyncDisposable {
  readonly #recorder: Recorder;
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #last = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /**
   * Starts to send `request`.
   *
   * @param original The exchange that it was recorded in.
   * @returns The id of the new exchange, which is already in the store.
   * @throws {Problem} 503 while too many are running.
   */
  start(request: PlainRequest, original: ExchangeRecord): string {
    if (this.#running.size >= MAX_REPLAYS || this.#stop.signal.aborted) {
      throw new Problem(
        503,
        "Cannot send the request: too many replays are running",
      );
    }
    const id = `replay-${++this.#last}`;
    const run = this.#run(request, { id, replayOf: original.id });
    this.#running.add(run);
    void run.then(() => this.#running.delete(run));
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  /** Never throws: the record shows failures. */
  async #run(
    request: PlainRequest,
    { id, replayOf }: { readonly id: string; readonly replayOf: string },
  ): Promise<void> {
    const late = new AbortController();
    using _limit = timer(TIME_LIMIT, () => late.abort());
    const signal = AbortSignal.any([late.signal, this.#stop.signal]);
    const context = { id, signal, inform() {} };
    try {
      const response = await this.#recorder.record(request, context, {
        replayOf,
      });
      if (response.kind === "stream") return closeQuietly(response.stream);
      await readAll(response.body, signal);
    } catch {
      // The record shows that it was cut short.
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
  const chunk = new Uint8Array(CHUNK_SIZE);
  try {
    while (!signal.aborted && await body.read(chunk) !== null);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
