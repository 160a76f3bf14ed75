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
import { CapturedBody } from "./captured_body.ts";

/** How exchanges are recorded. */
export interface RecorderOptions {
  readonly store: ExchangeStore;
  /** Bytes that are kept of each body. */
  readonly bodyLimit: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Details of one exchange. */
export interface RecordOptions {
  /** Id of the original exchange, for a replay. */
  readonly replayOf?: string;
}

/**
 * Records the exchanges of a handler as the caller sees them: the request before
 * plugins and rules, the response after them.
 */
export class Recorder {
  readonly #handler: Handler;
  readonly #store: ExchangeStore;
  readonly #bodyLimit: number;
  readonly #now: () => number;

  constructor(
    handler: Handler,
    { store, bodyLimit, now = Date.now }: RecorderOptions,
  ) {
    this.#handler = handler;
    this.#store = store;
    this.#bodyLimit = bodyLimit;
    this.#now = now;
  }

  /** The handler, recorded. */
  readonly handler: Handler = (request, context) =>
    this.record(request, context);

  /** Forwards a request to the handler, and records the exchange under the id of its context. */
  async record(
    request: ProxyRequest,
    context: ExchangeContext,
    { replayOf }: RecordOptions = {},
  ): Promise<ProxyResponse> {
    const startedAt = this.#now();
    const { id, user, job } = context;
    const sender = { user, job };
    const record = new ExchangeRecord(request, {
      ...{ id, startedAt, replayOf, sender },
    });
    const tapped = this.#tapRequest(request, record);
    this.#store.add(record);
    const { watch: edits } = record;
    try {
      const response = await this.#handler(tapped, { ...context, edits });
      record.setResponse(response);
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
    const body = new CapturedBody(this.#bodyLimit, {
      onGrow: (bytes) => this.#store.grow(record, bytes),
      length: request.body.length,
    });
    record.requestBody = body;
    return { ...request, body: tapBody(request.body, body) };
  }

  #tapResponse(
    response: PlainResponse,
    record: ExchangeRecord,
  ): PlainResponse {
    if (response.body === undefined) {
      record.setEnd("whole");
      return response;
    }
    const body = new CapturedBody(this.#bodyLimit, {
      onGrow: (bytes) => this.#store.grow(record, bytes),
      length: response.body.length,
      onEnd: (how) => this.#end(record, how),
    });
    record.responseBody = body;
    return { ...response, body: tapBody(response.body, body) };
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
    record.setEnd(how);
    this.#store.update(record);
  }
}
