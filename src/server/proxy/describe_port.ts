// What a proxy port says to who opens it as a site: people try the address in a
// browser to see whether it works.
import { textBody } from "../../http/bytes_body.ts";
import type {
  Handler,
  PlainResponse,
  ProxyRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { proxyUrlOf } from "../../net/address/proxy_address.ts";
import {
  isForPort,
  ownAddress,
  type OwnPlace,
  PAC_PATH,
} from "./pac_response.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Responds to requests for the port itself; the others go on. */
export function describePort(next: Handler, place: OwnPlace): Handler {
  return async function describingPort(request, context) {
    return isVisit(request) && isForPort(request, place)
      ? descriptionOf(request, proxyUrlOf(ownAddress(request, place)))
      : await next(request, context);
  };
}

/** Programs that take the port for a proxy send credentials, sooner or later. */
function isVisit(request: ProxyRequest): boolean {
  return request.kind === "request" && METHODS.has(request.method) &&
    !request.fields.has("proxy-authorization");
}

/** @param url Of the proxy; it has letters, digits and `.:-[]/` only. */
function descriptionOf(
  request: ProxyRequest,
  url: string,
): PlainResponse {
  const isPage = request.fields.getList("accept")?.includes("text/html");
  const isRoot = request.kind === "request" && request.path === "/";
  const body = textBody(isPage === true ? pageOf(url) : `${textOf(url)}\n`);
  return {
    kind: "response",
    status: isRoot ? 200 : 404,
    fields: new Fields([
      ...[
        "Content-Type",
        `text/${isPage === true ? "html" : "plain"}; charset=utf-8`,
      ],
      ...["Content-Length", String(body.length)],
      ...["Content-Security-Policy", "default-src 'none'"],
      ...["X-Content-Type-Options", "nosniff"],
      ...["Cache-Control", "no-store"],
    ]),
    body: request.method === "HEAD" ? undefined : body,
  };
}

function textOf(url: string): string {
  return "This is the proxy of a Sallyport server, and no site. " +
    `Set browsers to the proxy ${url}, with <user>+<tunnel name> as user name ` +
    `and the access key as password, or to the settings at ${PAC_PATH}.`;
}

function pageOf(url: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Proxy of a Sallyport server</title>
<h1>This is a proxy</h1>
<p>This port of a Sallyport server is a proxy for test browsers, and no site.</p>
<p>Set browsers to the proxy <code>${url}</code>, with
<code>&lt;user&gt;+&lt;tunnel name&gt;</code> as user name and the access key as
password. Or give them <a href="${PAC_PATH}">these settings</a> (PAC).</p>
<p>The server's own page is at its main address (<code>--address</code>).</p>
</html>
`;
}
