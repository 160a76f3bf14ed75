// The PAC file that a port for browsers itself serves. A browser that reads its
// proxy settings from a URL needs no credentials for it. The file sends everything
// to the proxy: the server decides what goes through the tunnel.
import { textBody } from "../../http/bytes_body.ts";
import type {
  Handler,
  PlainResponse,
  ProxyRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { parseAddress } from "../../net/address/address.ts";
import {
  pacProxyOf,
  type ProxyAddress,
} from "../../net/address/proxy_address.ts";

/** Path of the file. */
export const PAC_PATH = "/proxy.pac";
const HTTP_PORT = 80;

/** What a proxy port says about itself. */
export interface OwnPlace {
  /** Number of the port. */
  readonly port: () => number;
  /** Where browsers reach it, if an option says so. Default: as the request says. */
  readonly external?: ProxyAddress | undefined;
}

/** Answers requests for the PAC file of the port; the others go on. */
export function servePac(next: Handler, place: OwnPlace): Handler {
  return async function servingPac(request, context) {
    return isForPac(request) && isForPort(request, place)
      ? pacFile(ownAddress(request, place))
      : await next(request, context);
  };
}

/** Whether it is for a PAC file, as a request to a site. Sites may have a file of that name too: browsers request it in absolute form (RFC 9112 §3.2.2). */
export function isForPac(request: ProxyRequest): boolean {
  return request.kind === "request" && request.isOriginForm !== false &&
    request.path === PAC_PATH && request.method === "GET";
}

/** Whether a request is for the port itself, and not for a site behind it. */
export function isForPort(
  request: ProxyRequest,
  { port, external }: OwnPlace,
): boolean {
  if (request.kind === "connect" || request.isOriginForm !== true) return false;
  const asked = parseAddress(request.authority, HTTP_PORT).port;
  return asked === port() || asked === external?.port;
}

/** Where the sender of a request reaches the port. */
export function ownAddress(
  { authority }: ProxyRequest,
  { external }: OwnPlace,
): ProxyAddress {
  return external ?? { secure: false, ...parseAddress(authority, HTTP_PORT) };
}

/** A script that sends everything to `proxy`. */
export function pacFile(proxy: ProxyAddress): PlainResponse {
  const body = textBody(
    `function FindProxyForURL(url, host) {\n  return "${
      pacProxyOf(proxy)
    }";\n}\n`,
  );
  const fields = new Fields([
    ...["Content-Type", "application/x-ns-proxy-autoconfig"],
    ...["Content-Length", `${body.length}`],
    ...["Cache-Control", "no-store"],
  ]);
  return { kind: "response", status: 200, fields, body };
}
