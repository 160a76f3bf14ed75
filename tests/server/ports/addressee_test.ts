import assert from "node:assert/strict";
import type { ProxyRequest } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import {
  addresseeOf,
  type Dialled,
} from "../../../src/server/ports/addressee.ts";

const BY_NAME: Dialled = {
  serverName: "lab.example",
  localAddress: "192.0.2.1",
};
const BY_ADDRESS: Dialled = { ...BY_NAME, serverName: undefined };

/** A request; without `isOriginForm` it came over HTTP/2. */
function request(
  scheme: "http" | "https",
  authority: string,
  more: { readonly isOriginForm?: boolean; readonly login?: boolean } = {},
): ProxyRequest {
  const { login = false, ...form } = more;
  return {
    kind: "request",
    method: "GET",
    ...{ scheme, authority, path: "/rest/v1/tunnels", ...form },
    fields: new Fields(login ? ["Proxy-Authorization", "Basic YTpi"] : []),
    body: undefined,
  };
}

const PATH = { isOriginForm: true } as const;
const URL_FORM = { isOriginForm: false } as const;
const LOGIN = { login: true } as const;

const CASES: readonly [string, ProxyRequest, string, Dialled?][] = [
  ["a path alone", request("https", "anything.test", PATH), "site"],
  [
    "a path alone with a login for proxies",
    request("https", "anything.test", { ...PATH, ...LOGIN }),
    "site",
  ],
  ["an http URL", request("http", "site.test", URL_FORM), "proxy"],
  ["an http URL of this host", request("http", "lab.example"), "proxy"],
  ["an https URL of this host", request("https", "LAB.example."), "site"],
  ["the same on another port", request("https", "lab.example:8443"), "site"],
  [
    "the same in the form for proxies",
    request("https", "lab.example", { ...URL_FORM, ...LOGIN }),
    "site",
  ],
  ["an https URL of a site", request("https", "site.test", URL_FORM), "proxy"],
  ["the same over HTTP/2", request("https", "site.test"), "other"],
  ["the same with a login", request("https", "site.test", LOGIN), "proxy"],
  ["the external URL", request("https", "out.example:444"), "site"],
  ["its host alone", request("https", "out.example"), "other"],
  [
    "an IP address that was dialled",
    request("https", "192.0.2.1:8443", { ...URL_FORM, ...LOGIN }),
    "site",
    BY_ADDRESS,
  ],
  [
    "an IP address that a router translates",
    request("https", "198.51.100.7"),
    "site",
    BY_ADDRESS,
  ],
  [
    "an IP address behind the tunnel",
    request("https", "10.0.0.7", LOGIN),
    "proxy",
    BY_ADDRESS,
  ],
  ["an IP address, by name", request("https", "10.0.0.7"), "other"],
  ["this machine", request("https", "localhost:8443", LOGIN), "proxy"],
  [
    "a CONNECT to this host",
    {
      kind: "connect",
      method: "CONNECT",
      authority: "lab.example:443",
      fields: new Fields(),
    },
    "proxy",
  ],
];

Deno.test.each(
  CASES.map(([name, request, expected, dialled = BY_NAME]) =>
    [name, request, expected, dialled] as const
  ),
)("addresseeOf() %s", (_name, request, expected, dialled) => {
  const external = { hostname: "out.example", port: 444 };

  assert.equal(addresseeOf(request, dialled, external), expected);
});
