/**
 * A web application as a handler of exchanges: the web's `Request` and
 * `Response` on one side, what our codecs read and write on the other.
 *
 * @module
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
import type { ServeBindings, WebApp } from "./serve.ts";
import { StreamedBody } from "./streamed_body.ts";

/** Bytes of a request's content that are read at a time. */
const PIECE = 16 * 1024;
/** What takes no content with it on the web. */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** A handler that has `app` answer. It throws what `app` throws. */
export function webHandler(app: WebApp, bindings: ServeBindings): Handler {
  return async function answering(request, context) {
    const asked = toRequest(request, context);
    if (asked === undefined) return methodNotAllowed();
    return toResponse(await app.fetch(asked, bindings), context.signal);
  };
}

/** `undefined` for what the web has no request for: CONNECT and TRACE. */
function toRequest(
  request: ProxyRequest,
  { signal }: ExchangeContext,
): Request | undefined {
  const { method, authority, fields } = request;
  if (request.kind === "connect" || method === "TRACE") return undefined;
  const { scheme } = request;
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
  return new Request(url, { method, headers, signal, body: streamOf(body) });
}

function streamOf(body: Body): ReadableStream<Uint8Array<ArrayBuffer>> {
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
  // A stream of the web does not see that the peer is gone.
  signal.addEventListener("abort", () => content?.cancel(signal.reason));
  return {
    kind: "response",
    status,
    fields: new Fields([...headers].flat()),
    body: content,
  };
}

function methodNotAllowed(): PlainResponse {
  const body = textBody("Cannot do that here: this is no proxy\n");
  const fields = new Fields([
    ...["Content-Type", "text/plain; charset=utf-8"],
    ...["Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"],
  ]);
  return { kind: "response", status: 405, fields, body };
}
