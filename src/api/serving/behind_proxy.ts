/** Requests that come through trusted proxies are those of the proxies' clients. */
import { textBody } from "../../http/bytes_body.ts";
import type {
  Handler,
  PlainRequest,
  PlainResponse,
  UpgradeRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import {
  type Forwarding,
  readForwarding,
  removeForwarding,
} from "../../http/forwarding.ts";
import type { AcceptedConnection } from "../../net/listen/accepted_connection.ts";
import type { TrustedProxies } from "../../net/listen/trusted_proxies.ts";

type SiteRequest = PlainRequest | UpgradeRequest;

/** What tells nobody anything, and is requested by programs beside the server. */
const HEALTH_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/**
 * A handler for the requests of one connection, which gives them the scheme and
 * host that clients have used.
 *
 * @param trusted The proxies that are believed.
 * @param handlerFor Makes the handler for the requests of an address.
 */
export function behindProxy(
  conn: Pick<AcceptedConnection, "address" | "isProxied">,
  trusted: TrustedProxies | undefined,
  handlerFor: (address: string) => Handler,
): Handler {
  const own = handlerFor(conn.address);
  if (trusted === undefined) return own;
  return async function handleForwarded(request, context) {
    if (request.kind === "connect") return await own(request, context);
    const said = readForwarding(request.fields, conn.address, trusted);
    removeForwarding(request.fields);
    const refusal = refusalOf(request, said, {
      isBare: trusted.endTls === true && !conn.isProxied,
    });
    if (refusal !== undefined) {
      if (request.kind === "request") request.body?.cancel();
      return refusal;
    }
    const forwarded = asSent(request, said, trusted);
    const handler = said === undefined ? own : handlerFor(said.client);
    return await handler(forwarded, context);
  };
}

/** The request as the client has sent it. */
function asSent<Request extends SiteRequest>(
  request: Request,
  said: Forwarding | undefined,
  { endTls = false }: TrustedProxies,
): Request {
  const scheme = said?.scheme ?? (endTls ? "https" : request.scheme);
  const authority = said?.host ?? request.authority;
  if (said?.host !== undefined) request.fields.set("Host", said.host);
  return { ...request, scheme, authority };
}

/** Credentials do not cross a network in clear. */
function refusalOf(
  request: SiteRequest,
  said: Forwarding | undefined,
  { isBare }: { readonly isBare: boolean },
): PlainResponse | undefined {
  if (!isBare && said?.scheme !== "http") return undefined;
  const { method, path, authority } = request;
  if (HEALTH_PATHS.has(path)) return undefined;
  if (isBare) {
    return textResponse(
      403,
      "This port speaks plain HTTP to trusted proxies only: use the address " +
        "of the proxy, or see --trusted-proxies",
    );
  }
  const host = said?.host ?? authority;
  const isRead = method === "GET" || method === "HEAD";
  return isRead
    ? textResponse(308, "Use https", [
      ...["Location", `https://${withoutPort80(host)}${path}`],
    ])
    : textResponse(403, "Use https: this request was sent without TLS");
}

function withoutPort80(host: string): string {
  return host.replace(/:80$/, "");
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
