/**
 * An exchange on an HTTP/2 stream that we have opened: content goes to the peer
 * while its response may come already. A codec of the caller reads and writes
 * the field lists.
 */
import { timer } from "../async/timer.ts";
import type {
  Body,
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import type { Http2ClientStream, InterimTarget } from "../http2/api.ts";
import { expectsContinue } from "./expect_continue.ts";
import { sendBody, StreamBody } from "./stream_body.ts";

/** What a response says in its field list. */
export interface ResponseHead {
  readonly status: number;
  readonly fields: Fields;
  /** The stream now carries bytes in both directions instead of content. */
  readonly switched: boolean;
}

/** How messages are read from HTTP/2 field lists. */
export interface ResponseCodec {
  /** Reads the list of a response to `request`, interim or final. @throws What fails the exchange. */
  decodeResponse(
    list: readonly string[],
    request: ProxyRequest,
  ): ResponseHead;
  /** The list of trailer fields. */
  encodeFields(fields: Fields): string[];
  /** The trailer fields of a list. */
  decodeFields(list: readonly string[]): Fields;
}

/** What one exchange works with. */
export interface SendStreamOptions {
  readonly codec: ResponseCodec;
  readonly inform: ExchangeContext["inform"];
  /** How long content waits for a 100, in milliseconds. Default: until there is a response. */
  readonly continueTimeout?: number;
  /** Called once, when all of the request was sent. */
  readonly onSent?: () => void;
}

/**
 * Sends the content of `request`, whose fields have opened `stream`, and gives
 * the response. The caller reads its body to the end, cancels it, or closes the
 * stream.
 *
 * @throws {Http2Error} When the stream ends without a response. Where the
 * content of the request has failed, that is the `cause`.
 */
export async function sendOnStream(
  stream: Http2ClientStream,
  request: ProxyRequest,
  options: SendStreamOptions,
): Promise<ProxyResponse> {
  const { codec, onSent } = options;
  const content = request.kind === "request" ? request.body : undefined;
  const relay = new InterimRelay(request, options);
  stream.interimTarget = relay;
  if (content === undefined) onSent?.();
  else void sendContent(content, { stream, request, relay, options });
  const response = await stream.response;
  const { status, fields, switched } = codec.decodeResponse(
    response.fields,
    request,
  );
  if (switched) return { kind: "stream", status, fields, stream };
  if (response.endStream) {
    return { kind: "response", status, fields, body: undefined };
  }
  // The HTTP/2 layer has checked the length, and holds the sender to it.
  const length = fields.get("content-length");
  const body = new StreamBody(
    stream,
    length === undefined ? undefined : Number(length),
    codec,
  );
  return { kind: "response", status, fields, body };
}

/**
 * Passes interim responses on. An object and not a function: with a function on
 * the stream most exchanges were kept until V8's next full collection.
 */
class InterimRelay implements InterimTarget {
  readonly #request: ProxyRequest;
  readonly #options: SendStreamOptions;
  /** Called when the content of the request is requested. */
  onContinue: (() => void) | undefined;

  constructor(request: ProxyRequest, options: SendStreamOptions) {
    this.#request = request;
    this.#options = options;
  }

  onInterim(list: string[]): void {
    const { codec, inform } = this.#options;
    const { status, fields } = codec.decodeResponse(list, this.#request);
    if (status === 100) this.onContinue?.();
    inform(status, fields);
  }
}

/**
 * Sends the content once it is requested. After an early response it is not
 * read: reading makes the browser go on (RFC 9110 §10.1.1).
 *
 * The response says how the exchange went; a body that could not be sent has
 * reset the stream.
 */
async function sendContent(
  content: Body,
  { stream, request, relay, options }: {
    readonly stream: Http2ClientStream;
    readonly request: ProxyRequest;
    readonly relay: InterimRelay;
    readonly options: SendStreamOptions;
  },
): Promise<void> {
  try {
    if (expectsContinue(request.fields)) {
      if (!await isWanted(stream, relay, options)) return;
    }
    await sendBody(stream, content, options.codec.encodeFields);
    options.onSent?.();
  } catch {
    // The reader of the response sees it.
  }
}

/** Waits for a 100, or for long enough; `false` when the final response comes first. */
async function isWanted(
  stream: Http2ClientStream,
  relay: InterimRelay,
  { continueTimeout: limit }: SendStreamOptions,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<true>();
  relay.onContinue = () => resolve(true);
  using _late = limit === undefined
    ? undefined
    : timer(limit, relay.onContinue);
  return await Promise.race([promise, stream.response.then(() => false)]);
}
