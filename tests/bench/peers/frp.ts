/**
 * frp with TLS and its HTTP proxy plugin, written in Go: a proxy port at the
 * server that reaches every host of the client, as ours.
 *
 * @module
 */
import type { Peer } from "../peer.ts";
import { requireProgram, versionOf } from "../tools.ts";

/** Streams over one TLS connection (`tcpMux`), its default. */
export const FRP: Peer = {
  name: "frp",
  about: "frp, TLS, http_proxy plugin at the client, HTTP proxy",
  programs: ["frps", "frpc"],
  version: () => versionOf("frps", ["--version"]),
  async start(place) {
    const serverPort = place.freePort();
    const server = place.spawn(requireProgram("frps"), [
      "-c",
      await place.write(
        "frps.toml",
        `bindAddr = "127.0.0.1"
bindPort = ${serverPort}
proxyBindAddr = "127.0.0.1"
auth.token = "bench"
log.level = "error"
transport.tls.certFile = "${place.path("cert.pem")}"
transport.tls.keyFile = "${place.path("key.pem")}"
`,
      ),
    ]);
    await place.untilOpen(serverPort);
    const host = await place.wire(serverPort);
    const port = place.freePort();
    const client = place.spawn(requireProgram("frpc"), [
      "-c",
      await place.write(
        "frpc.toml",
        `serverAddr = "${host}"
serverPort = ${serverPort}
auth.token = "bench"
log.level = "error"
transport.tls.enable = true
transport.tls.trustedCaFile = "${place.path("ca.pem")}"
transport.tls.serverName = "localhost"

[[proxies]]
name = "bench"
type = "tcp"
remotePort = ${port}
[proxies.plugin]
type = "http_proxy"
`,
      ),
    ]);
    const stream = place.route(port, "connect");
    await place.untilReady(stream);
    return {
      stream,
      plain: place.route(port, "absolute"),
      server: [server.pid],
      client: [client.pid],
    };
  },
};
