import { timer } from "../../async/timer.ts";
import type { Body } from "../../http/exchange.ts";
import type { ByteWriter } from "../../net/stream/byte_stream.ts";
import { writeBody } from "../write/body_writer.ts";
import { OutputBuffer, WriteError } from "../write/output_buffer.ts";
import {
  type OriginRequest,
  putRequest,
  sentFramingOf,
  type TargetForm,
  waitsForContinue,
} from "./outgoing_request.ts";

/** How long to wait for a 100 before the content is sent anyway (RFC 9110 §10.1.1), in milliseconds. */
const CONTINUE_TIMEOUT = 1_000;

/** Events for the exchange. Each is called at most once. */
export interface RequestWriterEvents {
  /** All of the request was written. */
  onSent(): void;
  /** The body of the request failed, so the request will never be complete. */
  onBodyFailure(): void;
}

/** Writes one request, while its response may come in already. */
export class RequestWriter {
  readonly #sink: ByteWriter;
  readonly #request: OriginRequest;
  readonly #body: Body | undefined;
  readonly #events: RequestWriterEvents;
  readonly #waitsFor100: boolean;
  #state: "waiting" | "sending" | "sent" | "failed" | "skipped" = "sending";
  #bodyFailure: { readonly cause: unknown } | undefined;
  #wake: (() => void) | undefined;
  #hasReadBody = false;
  #done: Promise<void> | undefined;

  constructor(
    sink: ByteWriter,
    request: OriginRequest,
    events: RequestWriterEvents,
  ) {
    this.#sink = sink;
    this.#request = request;
    this.#body = request.kind === "request" ? request.body : undefined;
    this.#events = events;
    this.#waitsFor100 = waitsForContinue(request);
  }

  /** Whether all of it was written. */
  get isComplete(): boolean {
    return this.#state === "sent";
  }

  /** Whether the body was read, so that the request cannot be sent again. */
  get hasReadBody(): boolean {
    return this.#hasReadBody;
  }

  /** Why the body could not be read. */
  get bodyFailure(): { readonly cause: unknown } | undefined {
    return this.#bodyFailure;
  }

  /**
   * Starts to write. The reader of the response reports failures of the
   * connection: there may be a response all the same.
   *
   * @throws {TypeError} When the header section cannot be written.
   */
  start(form: TargetForm): void {
    const out = new OutputBuffer(this.#sink);
    putRequest(out, this.#request, form);
    this.#done = this.#send(out);
  }

  /** The origin sent 100. */
  continue(): void {
    if (this.#state === "waiting") this.#state = "sending";
    this.#wake?.();
  }

  /** The response is there: content that waits for a 100 is not sent any more. Returns whether that is so. */
  skipBody(): boolean {
    if (this.#state !== "waiting") return false;
    this.#state = "skipped";
    this.#wake?.();
    return true;
  }

  /** The rest is not needed any more. */
  cancel(): void {
    if (this.#state === "waiting") this.#state = "skipped";
    this.#wake?.();
    if (this.#state !== "sent") this.#body?.cancel();
  }

  /** Calls `then` once: when writing has ended, or after `ms` milliseconds. */
  finishWithin(ms: number, then: (isComplete: boolean) => void): void {
    const late = timer(ms, finish);
    const isComplete = () => this.isComplete;
    this.#done?.then(finish);

    function finish(): void {
      late[Symbol.dispose]();
      then(isComplete());
    }
  }

  async #send(out: OutputBuffer): Promise<void> {
    try {
      if (this.#waitsFor100) await this.#waitFor100(out);
      if (this.#state === "skipped") return;
      if (this.#body === undefined) {
        await out.flush();
      } else {
        this.#hasReadBody = true;
        await writeBody(out, this.#body, sentFramingOf(this.#request));
      }
      out.release();
      this.#state = "sent";
      this.#events.onSent();
    } catch (error) {
      this.#state = "failed";
      if (error instanceof WriteError) return;
      this.#bodyFailure = { cause: error };
      this.#events.onBodyFailure();
    }
  }

  async #waitFor100(out: OutputBuffer): Promise<void> {
    this.#state = "waiting";
    await out.flush();
    out.rewind();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    using _timeout = timer(CONTINUE_TIMEOUT, () => this.continue());
    // A response may have come while the header section was being written.
    if (this.#state === "waiting") await promise;
  }
}
