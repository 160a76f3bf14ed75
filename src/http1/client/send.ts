/**
 * Sends a request to an origin and reads the response.
 *
 * The response is read while the request is still being written, because an
 * origin may respond before it has read everything.
 */
import { timer } from "../../async/timer.ts";
import type {
  ExchangeContext,
  ProxyResponse,
  StreamResponse,
} from "../../http/exchange.ts";
import { withoutHopByHop } from "../../http/hop_by_hop.ts";
import { isIdempotent } from "../../http/methods.ts";
import { hasToken } from "../../http/tokens.ts";
import { asOriginError, cutShort, Http1Error, malformed } from "../errors.ts";
import { BufferedStream } from "../parse/buffered_stream.ts";
import {
  type ConnectionHeaders,
  connectionHeaders,
} from "../parse/connection_headers.ts";
import {
  type Framing,
  responseFraming,
  withoutRepeats,
} from "../parse/framing.ts";
import { type ParsedResponse, parseResponse } from "../parse/header_parser.ts";
import { type HeaderLimits, RESPONSE_LIMITS } from "../parse/header_limits.ts";
import { readHeaderSection } from "../parse/header_reader.ts";
import { MessageBody } from "../parse/message_body.ts";
import type { Http1Connection } from "./connection.ts";
import type { OriginRequest, TargetForm } from "./outgoing_request.ts";
import { RequestWriter } from "./request_writer.ts";

/** Options of `sendHttp1`. Times are in milliseconds. */
export interface SendHttp1Options {
  /** The form of the target. Default `origin`; `absolute` is for proxies. */
  readonly form?: TargetForm;
  /** From the end of the request to the end of the response's header section; 0 means no limit. */
  readonly responseHeaderTimeout?: number;
  /** Limits of the response. Default {@linkcode RESPONSE_LIMITS}. */
  readonly headerLimits?: HeaderLimits;
  /**
   * Called once, when the exchange is over: with `true` when the connection can
   * be reused, with `false` when it is closed.
   */
  readonly release?: (reusable: boolean) => void;
}

/** Interim responses before the final one; more are an attack. */
const MAX_INTERIM = 64;
/** How long the request may still be written after the response has ended. */
const REQUEST_GRACE = 1_000;

/**
 * Sends a request and waits for the header section of the response.
 *
 * The caller must read the body to its end, cancel it, or close the stream.
 * Until then the connection is not released.
 *
 * @throws {Http1Error} When the connection or the response fails. It is
 * `retryable` when the origin closed a kept connection and has not seen the
 * request.
 * @throws The signal's reason when it is aborted; what the request's body
 * throws.
 */
export async function sendHttp1(
  connection: Http1Connection,
  request: OriginRequest,
  context: ExchangeContext,
  options: SendHttp1Options = {},
): Promise<ProxyResponse> {
  return await new SentExchange(connection, { request, context, options })
    .run();
}

class SentExchange {
  readonly #connection: Http1Connection;
  readonly #request: OriginRequest;
  readonly #context: ExchangeContext;
  readonly #options: SendHttp1Options;
  readonly #writer: RequestWriter;
  readonly #wasUsed: boolean;
  #timeout: Disposable | undefined;
  #hasTimedOut = false;
  #isReleased = false;

  constructor(
    connection: Http1Connection,
    { request, context, options }: {
      readonly request: OriginRequest;
      readonly context: ExchangeContext;
      readonly options: SendHttp1Options;
    },
  ) {
    this.#connection = connection;
    this.#request = request;
    this.#context = context;
    this.#options = options;
    this.#wasUsed = connection.begin();
    this.#writer = new RequestWriter(connection.stream, request, {
      onSent: () => this.#startTimeout(),
      onBodyFailure: () => connection.close(),
    });
  }

  async run(): Promise<ProxyResponse> {
    const { signal } = this.#context;
    try {
      signal.throwIfAborted();
      signal.addEventListener("abort", this.#onAbort);
      this.#writer.start(this.#options.form ?? "origin");
      const parsed = await this.#readResponse();
      this.#timeout?.[Symbol.dispose]();
      return this.#toResponse(parsed);
    } catch (error) {
      this.#release(false);
      throw this.#explain(error);
    }
  }

  readonly #onAbort = (): void => this.#connection.close();

  #startTimeout(): void {
    const ms = this.#options.responseHeaderTimeout ?? 0;
    if (ms === 0) return;
    this.#timeout = timer(ms, () => {
      this.#hasTimedOut = true;
      this.#connection.close();
    });
  }

  async #readResponse(): Promise<ParsedResponse> {
    const { headerLimits = RESPONSE_LIMITS } = this.#options;
    for (let interim = 0; interim <= MAX_INTERIM; interim++) {
      const bytes = await readHeaderSection(
        this.#connection.reader,
        headerLimits,
      );
      if (bytes === undefined) throw this.#ended();
      const parsed = parseResponse(bytes, headerLimits);
      if (parsed.status >= 200 || parsed.status === 101) return parsed;
      if (parsed.status === 100) this.#writer.continue();
      this.#context.inform(parsed.status, withoutHopByHop(parsed.fields));
    }
    throw malformed(`over ${MAX_INTERIM} interim responses came before it`);
  }

  #toResponse(parsed: ParsedResponse): ProxyResponse {
    const { method } = this.#request;
    const { status, minorVersion } = parsed;
    const control = connectionHeaders(parsed.fields);
    const fields = withoutHopByHop(parsed.fields, control.connection ?? "");
    if (control.contentLength?.includes(",")) {
      fields.set("Content-Length", withoutRepeats(control.contentLength));
    }
    if (status === 101) return this.#toStream({ status, fields });
    const framing = responseFraming(control, { method, status, minorVersion });
    const reusable = framing.kind !== "close" && keepsOpen(parsed, control) &&
      !this.#writer.skipBody();
    if (framing.kind === "none") {
      this.#finish(reusable);
      return { kind: "response", status, fields, body: undefined };
    }
    const body = this.#bodyOf(framing, reusable);
    return { kind: "response", status, fields, body };
  }

  #bodyOf(framing: Framing, reusable: boolean): MessageBody {
    return new MessageBody(this.#connection.reader, framing, {
      onComplete: () => this.#finish(reusable),
      onFailure: () => this.#release(false),
    });
  }

  #toStream(
    { status, fields }: Pick<StreamResponse, "status" | "fields">,
  ): StreamResponse {
    if (this.#request.kind !== "upgrade") {
      throw malformed(
        "it switches protocols without an Upgrade in the request",
      );
    }
    const { reader, stream } = this.#connection;
    return {
      kind: "stream",
      status,
      fields,
      stream: new BufferedStream(reader, stream, () => this.#release(false)),
    };
  }

  /** The response has ended. The connection is free once the request has, too. */
  #finish(reusable: boolean): void {
    if (!reusable) return this.#release(false);
    if (this.#writer.isComplete) return this.#release(true);
    this.#writer.finishWithin(
      REQUEST_GRACE,
      (isComplete) => this.#release(isComplete),
    );
  }

  #release(reusable: boolean): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#timeout?.[Symbol.dispose]();
    this.#context.signal.removeEventListener("abort", this.#onAbort);
    // Bytes after the response belong to no request: another request must not get them.
    const isClean = this.#connection.reader.buffered === 0;
    const isFree = reusable && isClean && !this.#connection.reader.isOver;
    if (!isFree) {
      this.#writer.cancel();
      this.#connection.close();
    }
    this.#options.release?.(isFree);
  }

  #ended(cause?: unknown): Http1Error {
    if (!this.#wasUsed) return cutShort(cause);
    return new Http1Error(
      "staleConnection",
      "Cannot send the request: the origin closed the idle connection",
      {
        cause,
        from: "origin",
        retryable: isIdempotent(this.#request.method) &&
          !this.#writer.hasReadBody,
      },
    );
  }

  /** The failure for the caller: the first one, not its consequences. */
  #explain(error: unknown): unknown {
    const { signal } = this.#context;
    if (signal.aborted) return signal.reason;
    if (this.#writer.bodyFailure !== undefined) {
      return this.#writer.bodyFailure.cause;
    }
    if (this.#hasTimedOut) {
      return new Http1Error(
        "timeout",
        "Cannot read the response: its header section did not come in time",
        { from: "origin" },
      );
    }
    if (error instanceof Http1Error) return asOriginError(error);
    // Errors of the program are not errors of the connection.
    if (error instanceof TypeError || error instanceof RangeError) return error;
    const isFirst = this.#connection.reader.buffered === 0;
    return asOriginError(isFirst ? this.#ended(error) : cutShort(error));
  }
}

/** Whether the origin keeps the connection (RFC 9112 §9.3). */
function keepsOpen(
  { minorVersion }: ParsedResponse,
  { connection }: ConnectionHeaders,
): boolean {
  if (hasToken(connection, "close")) return false;
  return minorVersion === 1 || hasToken(connection, "keep-alive");
}
