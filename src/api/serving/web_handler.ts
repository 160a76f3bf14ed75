/**
 * Adapts a web application to our HTTP codecs: the web's `Request` and
 * `Response` on one side, exchanges on the other.
 */
import { textBody } from "../../http/bytes_body.ts";
import type {
  Body,
  ExchangeContext,
  Handler,
  PlainResponse,
  ProxyRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";

/** Bytes of a request body per read. */
const PIECE = 16 * 1024;
/** Methods for which the web's `Request` refuses a body. */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** An application that turns web requests into responses. */
export interface FetchApp<Bindings> {
  fetch(request: Request, bindings: Bindings): Response | Promise<Response>;
}

/** A handler that lets `app` respond. It throws what `app` throws. */
export function webHandler<Bindings>(
  app: FetchApp<Bindings>,
  bindings: Bindings,
): Handler {
  return async function handleByApp(request, context) {
    // The web's `Request` supports neither method.
    if (request.kind === "connect" || request.method === "TRACE") {
      return methodNotAllowed(request.method);
    }
    const webRequest = toRequest(request, context);
    if (webRequest === undefined) return invalidTarget();
    return toResponse(await app.fetch(webRequest, bindings), context.signal);
  };
}

/** `undefined` when its target cannot be read as a URL. */
function toRequest(
  request: Exclude<ProxyRequest, { readonly kind: "connect" }>,
  { signal }: ExchangeContext,
): Request | undefined {
  const { method, scheme, authority, fields } = request;
  const url = URL.parse(
    request.path,
    `${scheme}://${authority || "localhost"}`,
  );
  if (url === null) return undefined;
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  const body = request.kind === "request" ? request.body : undefined;
  if (body === undefined || WITHOUT_CONTENT.has(method)) {
    body?.cancel();
    return new Request(url, { method, headers, signal });
  }
  return new Request(url, { method, headers, signal, body: webStreamOf(body) });
}

/** Content as a web stream. */
export function webStreamOf(
  body: Body,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const piece = new Uint8Array(PIECE);
      const count = await body.read(piece);
      if (count === null) controller.close();
      else controller.enqueue(piece.subarray(0, count));
    },
    cancel: (reason) => body.cancel(reason),
  });
}

function toResponse(
  { status, headers, body }: Response,
  signal: AbortSignal,
): PlainResponse {
  const length = headers.get("content-length");
  const content = body === null
    ? undefined
    : new StreamedBody(body, length === null ? undefined : Number(length));
  // A web stream does not notice that the peer is gone.
  signal.addEventListener("abort", () => content?.cancel(signal.reason));
  return {
    kind: "response",
    status,
    fields: fieldsOf(headers),
    body: content,
  };
}

/** With the time, which a server with a clock sends (RFC 9110 §6.6.1): clients compare their clocks. */
function fieldsOf(headers: Headers): Fields {
  const fields = new Fields([...headers].flat());
  if (!headers.has("date")) fields.append("Date", new Date().toUTCString());
  return fields;
}

function methodNotAllowed(method: string): PlainResponse {
  return textResponse(405, `This port has no ${method}`, [
    ...["Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
  ]);
}

function invalidTarget(): PlainResponse {
  return textResponse(400, "The target of this request is not a URL");
}

function textResponse(
  status: number,
  text: string,
  more: readonly string[] = [],
): PlainResponse {
  const body = textBody(`${text}\n`);
  const type = ["Content-Type", "text/plain; charset=utf-8"];
  const fields = new Fields([...type, ...more]);
  return { kind: "response", status, fields, body };
}

/** A web stream as content. */
export class StreamedBody implements Body {
  readonly trailers = undefined;
  readonly length: number | undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  /** @param length In bytes, if known. */
  constructor(stream: ReadableStream<Uint8Array>, length: number | undefined) {
    this.#reader = stream.getReader();
    this.length = length;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, into.length);
    into.set(piece);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length;
  }

  cancel(reason?: unknown): void {
    // Nobody reads on, so an error of the source does not matter.
    this.#reader.cancel(reason).catch(() => {});
  }
}
