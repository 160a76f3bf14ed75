/**
 * chisel: SSH in a WebSocket over TLS, written in Go.
 *
 * @module
 */
import type { Peer } from "../peer.ts";
import { requireProgram, versionOf } from "../tools.ts";

/** A port forwarded back to the origin. */
export const CHISEL: Peer = {
  name: "chisel",
  about: "chisel R: straight to the origin, TLS",
  programs: ["chisel"],
  version: () => versionOf("chisel", ["--version"]),
  async start(place) {
    const program = requireProgram("chisel");
    const serverPort = place.freePort();
    const server = place.spawn(program, [
      "server",
      "--host=127.0.0.1",
      `--port=${serverPort}`,
      "--reverse",
      `--tls-key=${place.path("key.pem")}`,
      `--tls-cert=${place.path("cert.pem")}`,
    ]);
    await place.untilOpen(serverPort);
    const host = await place.wire(serverPort);
    const port = place.freePort();
    const client = place.spawn(program, [
      "client",
      `--tls-ca=${place.path("ca.pem")}`,
      `https://${host}:${serverPort}`,
      `R:127.0.0.1:${port}:${place.origin}`,
    ]);
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
