import { bytesBody } from "../http/bytes_body.ts";
import type {
  ExchangeContext,
  PlainRequest,
  PlainResponse,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import { encodeLatin1 } from "../http/latin1.ts";

/** Real chains of proxies have a few members; a longer number limits nothing. */
const COUNT = /^[0-9]{1,9}$/;

/** What TRACE must not repeat: a script could read there what the browser hides from it (RFC 9110 §9.3.8). */
const SECRET: readonly string[] = [
  "authorization",
  "cookie",
  "proxy-authorization",
];

/**
 * A handler that counts the proxies of an OPTIONS or TRACE with `Max-Forwards`
 * (RFC 9110 §7.6.2): the request that may go no further gets its response here,
 * all others one less. A field that is not a number changes nothing.
 */
export function limitForwards<Context extends ExchangeContext>(
  next: (request: ProxyRequest, context: Context) => Promise<ProxyResponse>,
): (request: ProxyRequest, context: Context) => Promise<ProxyResponse> {
  return function limiting(request, context) {
    if (request.kind !== "request" || !isCounted(request.method)) {
      return next(request, context);
    }
    const left = request.fields.get("max-forwards");
    if (left === undefined || !COUNT.test(left)) return next(request, context);
    if (Number(left) === 0) return Promise.resolve(respondTo(request));
    request.fields.set("Max-Forwards", String(Number(left) - 1));
    return next(request, context);
  };
}

function isCounted(method: string): boolean {
  return method === "OPTIONS" || method === "TRACE";
}

function respondTo(request: PlainRequest): PlainResponse {
  request.body?.cancel();
  if (request.method === "OPTIONS") {
    return {
      kind: "response",
      status: 200,
      fields: new Fields(),
      body: undefined,
    };
  }
  return {
    kind: "response",
    status: 200,
    fields: new Fields(["Content-Type", "message/http"]),
    body: bytesBody(encodeLatin1(messageOf(request))),
  };
}

/** The request as it came, as far as the fields still say it. */
function messageOf(
  { method, scheme, authority, path, fields }: PlainRequest,
): string {
  const lines = [`${method} ${scheme}://${authority}${path} HTTP/1.1`];
  for (const [name, value] of fields) {
    if (SECRET.includes(name.toLowerCase())) continue;
    lines.push(`${name}: ${value}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
