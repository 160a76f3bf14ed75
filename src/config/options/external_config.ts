// Where the server is reached from outside, when it cannot know that: behind a
// port mapping, a balancer or another name.
import {
  parseProxyAddress,
  proxyUrlOf,
} from "../../net/address/proxy_address.ts";
import { formatAddress, parseAddress } from "../../net/address/address.ts";
import { fieldsIn } from "../field.ts";
import { codec, host, httpsOrigin, isHost } from "../values/values.ts";

const field = fieldsIn("Addresses");

const HTTPS_PORT = 443;

/** The external addresses of the server. Replies, page, PAC files, the server's own certificate and the log have them. */
export const EXTERNAL_FIELDS = {
  externalUrl: field(httpsOrigin().optional(), {
    placeholder: "url",
    defaultText: "the URL that a request was sent to",
    summary: "URL of this server for people and clients",
    help: "URL under which people and clients reach this server, if a port " +
      "mapping, a balancer or another name is in front of it. The server's " +
      "own certificate has its host.",
  }),
  externalTunnelAddress: field(
    codec(
      (raw) => withHost(parseAddress(raw, HTTPS_PORT)),
      formatAddress,
      "expected host or host:port",
    ).optional(),
    {
      placeholder: "host:port",
      defaultText: "that of --external-url, or of --tunnel-address",
      summary: "Address of this server for tunnels",
      help:
        "Address under which clients reach --tunnel-address. Without both " +
        "options, clients open tunnels where they reach the REST API.",
    },
  ),
  externalProxyAddress: field(
    codec(
      (raw) => withHost(parseProxyAddress(raw)),
      proxyUrlOf,
      "expected https://host[:port] or http://host:port",
    ).optional(),
    {
      placeholder: "url",
      defaultText: "--proxy-address if all can reach it, else --address",
      summary: "Proxy of this server for browsers",
      help:
        "Address under which browsers reach the proxy: https://host[:port] " +
        "for an HTTPS proxy, http://host:port for one without TLS. Page, PAC " +
        "files and replies say it.",
    },
  ),
  externalHost: field(host().optional(), {
    placeholder: "name",
    defaultText: "the name that a request was sent to",
    summary: "Name of this server for clients and browsers",
    help: "Name under which clients and browsers reach this server, where no " +
      "other option says it. The certificate and replies contain it.",
  }),
};

function withHost<
  Value extends { readonly hostname: string; readonly port: number },
>(
  address: Value,
): Value | undefined {
  return isHost(address.hostname) && address.port > 0 ? address : undefined;
}
