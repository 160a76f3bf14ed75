/**
 * wstunnel: streams in WebSockets over TLS, a connection for each, written in
 * Rust.
 *
 * @module
 */
import type { Peer } from "../peer.ts";
import { requireProgram, versionOf } from "../tools.ts";

/** A port forwarded back to the origin. */
export const WSTUNNEL: Peer = {
  name: "wstunnel",
  about: "wstunnel -R: straight to the origin, TLS",
  programs: ["wstunnel"],
  version: () => versionOf("wstunnel", ["--version"]),
  async start(place) {
    const program = requireProgram("wstunnel");
    const serverPort = place.freePort();
    const server = place.spawn(program, [
      "server",
      "--log-lvl=ERROR",
      `--tls-certificate=${place.path("cert.pem")}`,
      `--tls-private-key=${place.path("key.pem")}`,
      `wss://127.0.0.1:${serverPort}`,
    ]);
    await place.untilOpen(serverPort);
    const host = await place.wire(serverPort);
    const port = place.freePort();
    const client = place.spawn(program, [
      "client",
      "--log-lvl=ERROR",
      "--tls-verify-certificate",
      `--remote-to-local=tcp://127.0.0.1:${port}:${place.origin}`,
      `wss://${host}:${serverPort}`,
    ], { SSL_CERT_FILE: place.path("ca.pem") });
    const stream = place.route(port, "direct");
    await place.untilReady(stream);
    return {
      stream,
      plain: undefined,
      server: [server.pid],
      client: [client.pid],
    };
  },
};
