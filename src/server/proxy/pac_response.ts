// The PAC file that the proxy port itself serves. A browser that reads its proxy
// settings from a URL needs neither certificate nor credentials for it. The file
// sends everything to the proxy: the server decides what goes through the tunnel.
import { textBody } from "../../http/bytes_body.ts";
import type {
  Handler,
  PlainResponse,
  ProxyRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { parseAddress } from "../../net/address/address.ts";

/** Path of the file on the proxy port. */
export const PAC_PATH = "/proxy.pac";
const HTTP_PORT = 80;

/**
 * Answers requests for the PAC file; the others go on.
 *
 * @param port Number of the proxy port.
 */
export function servePac(next: Handler, port: () => number): Handler {
  return async function servingPac(request, context) {
    return isForPac(request, port())
      ? pacFile(request.authority)
      : await next(request, context);
  };
}

/** Sites may have a file of that name too: browsers request it in absolute form (RFC 9112 §3.2.2). */
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
