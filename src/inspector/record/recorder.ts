/**
 * Records the exchanges of a handler, as whoever asks it sees them: the request
 * before plugins and rules, the answer after them.
 *
 * @module
 */
import type {
  ExchangeContext,
  Handler,
  PlainResponse,
  ProxyRequest,
  ProxyResponse,
  StreamResponse,
} from "../../http/exchange.ts";
import { tapBody } from "../../http/tapped_body.ts";
import { tapStream } from "../../net/stream/tapped_stream.ts";
import { ExchangeRecord } from "./exchange_record.ts";
import type { ExchangeStore } from "./exchange_store.ts";
import { KeptContent } from "./captured_body.ts";
import { EditRecorder } from "./plugin_edits.ts";

/** How exchanges are recorded. */
export interface RecorderOptions {
  readonly store: ExchangeStore;
  /** Bytes that are kept of each content. */
  readonly contentLimit: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** What is special about an exchange. */
export interface RecordOptions {
  /** The exchange whose request is sent again. */
  readonly replayOf?: string;
}

/** Writes exchanges down. */
export class Recorder {
  readonly #handler: Handler;
  readonly #store: ExchangeStore;
  readonly #contentLimit: number;
  readonly #now: () => number;

  constructor(
    handler: Handler,
    { store, contentLimit, now = Date.now }: RecorderOptions,
  ) {
    this.#handler = handler;
    this.#store = store;
    this.#contentLimit = contentLimit;
    this.#now = now;
  }

  /** The handler, with somebody who writes down. */
  readonly handler: Handler = (request, context) =>
    this.carry(request, context);

  /** Carries out an exchange, and records it under the id of its context. */
  async carry(
    request: ProxyRequest,
    context: ExchangeContext,
    { replayOf }: RecordOptions = {},
  ): Promise<ProxyResponse> {
    const startedAt = this.#now();
    const { id } = context;
    const record = new ExchangeRecord(request, { id, startedAt, replayOf });
    const tapped = this.#tapRequest(request, record);
    this.#store.add(record);
    const edits = new EditRecorder((edit) => record.edited(edit));
    try {
      const response = await this.#handler(tapped, { ...context, edits });
      record.answered(response);
      const passed = response.kind === "stream"
        ? this.#tapStream(response, record)
        : this.#tapResponse(response, record);
      this.#store.update(record);
      return passed;
    } catch (thrown) {
      this.#end(record, "cut");
      throw thrown;
    }
  }

  #tapRequest(request: ProxyRequest, record: ExchangeRecord): ProxyRequest {
    if (request.kind !== "request" || request.body === undefined) {
      return request;
    }
    const content = new KeptContent(this.#contentLimit, {
      onGrow: (bytes) => this.#store.grow(record, bytes),
    });
    record.requestContent = content;
    return { ...request, body: tapBody(request.body, content) };
  }

  #tapResponse(
    response: PlainResponse,
    record: ExchangeRecord,
  ): PlainResponse {
    if (response.body === undefined) {
      record.ended("whole");
      return response;
    }
    const content = new KeptContent(this.#contentLimit, {
      onGrow: (bytes) => this.#store.grow(record, bytes),
      onEnd: (how) => this.#end(record, how),
    });
    record.responseContent = content;
    return { ...response, body: tapBody(response.body, content) };
  }

  #tapStream(response: StreamResponse, record: ExchangeRecord): StreamResponse {
    const flow = { sent: 0, received: 0 };
    record.flow = flow;
    const stream = tapStream(response.stream, {
      onRead: (bytes) => flow.received += bytes,
      onWrite: (bytes) => flow.sent += bytes,
      onClose: () => this.#end(record, "whole"),
    });
    return { ...response, stream };
  }

  #end(record: ExchangeRecord, how: "whole" | "cut" | "unwanted"): void {
    record.ended(how);
    this.#store.update(record);
  }
}
