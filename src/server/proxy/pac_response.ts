/**
 * The proxy's own PAC file, at the port itself: browsers that take their
 * settings from a URL need no certificate and no credentials for it. What goes
 * through the tunnel and what past it, the server decides.
 *
 * @module
 */
import { textBody } from "../../http/bytes_body.ts";
import type {
  Handler,
  PlainResponse,
  ProxyRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { parseAddress } from "../../net/address/address.ts";

/** Where it is, on the proxy's port. */
export const PAC_PATH = "/proxy.pac";
const HTTP_PORT = 80;

/**
 * A handler that answers requests for the PAC file, and gives the others to `handler`.
 *
 * @param port Where the proxy listens.
 */
export function servePac(handler: Handler, port: () => number): Handler {
  return async function answeringPac(request, context) {
    return isForPac(request, port())
      ? pacFile(request.authority)
      : await handler(request, context);
  };
}

/** Sites may have a file of that name too; browsers ask the proxy for those in full. */
function isForPac(request: ProxyRequest, port: number): boolean {
  return request.kind === "request" && request.isOriginForm === true &&
    request.path === PAC_PATH && request.method === "GET" &&
    parseAddress(request.authority, HTTP_PORT).port === port;
}

function pacFile(authority: string): PlainResponse {
  const body = textBody(
    `function FindProxyForURL(url, host) {\n  return "PROXY ${authority}";\n}\n`,
  );
  const fields = new Fields([
    ...["Content-Type", "application/x-ns-proxy-autoconfig"],
    ...["Content-Length", `${body.length}`],
    ...["Cache-Control", "no-store"],
  ]);
  return { kind: "response", status: 200, fields, body };
}
