/**
 * A recorder without a network, and exchanges for it.
 *
 * @module
 */
import type {
  Body,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../../src/http/exchange.ts";
import type { ExchangeRecord } from "../../src/inspector/record/exchange_record.ts";
import { ExchangeStore } from "../../src/inspector/record/exchange_store.ts";
import { Recorder } from "../../src/inspector/record/recorder.ts";
import { bytesOf, contextOf } from "../plugin/exchanges.ts";

/** What may be different from the defaults. */
export interface RecordedOptions {
  readonly memory?: number;
  readonly count?: number;
  readonly bodyLimit?: number;
}

/** Records what `handler` does, each exchange under a number of its own. */
export class Recorded {
  readonly store: ExchangeStore;
  readonly recorder: Recorder;
  #last = 0;

  constructor(
    handler: Handler,
    { memory = 1_000_000, count = 100, bodyLimit = 1000 }: RecordedOptions = {},
  ) {
    this.store = new ExchangeStore({ memory, count });
    this.recorder = new Recorder(handler, {
      store: this.store,
      bodyLimit,
      now: () => 1_800_000_000_000,
    });
  }

  /** Calls the handler; the response is not read yet. */
  async ask(request: ProxyRequest): Promise<ProxyResponse> {
    const context = { ...contextOf(), id: String(++this.#last) };
    return await this.recorder.handler(request, context);
  }

  /** Calls the handler, reads all of the response, and gives what was recorded of it. */
  async exchange(request: ProxyRequest): Promise<ExchangeRecord> {
    const response = await this.ask(request);
    if (response.kind === "response") await bytesOf(response.body);
    return this.newest;
  }

  /** What was recorded last. */
  get newest(): ExchangeRecord {
    const [record] = this.store.all;
    if (record === undefined) throw new TypeError("Nothing was recorded");
    return record;
  }
}

/** Content that says its bytes, then is cut short. */
export function cutBody(text: string): Body {
  let isRead = false;
  return {
    length: undefined,
    trailers: undefined,
    read(into) {
      if (isRead) return Promise.reject(new Error("cut"));
      isRead = true;
      const bytes = new TextEncoder().encode(text);
      into.set(bytes);
      return Promise.resolve(bytes.length);
    },
    cancel() {},
  };
}
