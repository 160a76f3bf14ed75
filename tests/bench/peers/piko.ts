/**
 * Piko: a reverse proxy whose agents dial out (yamux over WebSocket over TLS),
 * written in Go. It carries HTTP to an endpoint that the Host field names.
 *
 * @module
 */
import type { Peer } from "../peer.ts";
import { requireProgram, versionOf } from "../tools.ts";

const ENDPOINT = "bench";
const QUIET = ["--log.level=error"];

/** One server, one agent with one endpoint. */
export const PIKO: Peer = {
  name: "piko",
  about: "Piko, TLS, one HTTP endpoint: straight to the origin",
  programs: ["piko"],
  version: () => versionOf("piko", ["--version"]),
  async start(place) {
    const program = requireProgram("piko");
    const [proxyPort, agentsPort] = [place.freePort(), place.freePort()];
    const server = place.spawn(program, [
      "server",
      `--proxy.bind-addr=127.0.0.1:${proxyPort}`,
      "--proxy.access-log.disable",
      `--upstream.bind-addr=127.0.0.1:${agentsPort}`,
      `--upstream.tls.cert=${place.path("cert.pem")}`,
      `--upstream.tls.key=${place.path("key.pem")}`,
      `--admin.bind-addr=127.0.0.1:${place.freePort()}`,
      `--cluster.gossip.bind-addr=127.0.0.1:${place.freePort()}`,
      ...QUIET,
    ]);
    await place.untilOpen(agentsPort);
    const host = await place.wire(agentsPort);
    const agent = place.spawn(program, [
      "agent",
      "http",
      ENDPOINT,
      place.origin,
      `--connect.url=https://${host}:${agentsPort}`,
      `--connect.tls.root-cas=${place.path("ca.pem")}`,
      "--server.enabled=false",
      "--access-log.disable",
      ...QUIET,
    ]);
    const route = {
      ...place.route(proxyPort, "direct"),
      authority: `${ENDPOINT}.test`,
    };
    await place.untilReady(route);
    return {
      stream: route,
      plain: route,
      server: [server.pid],
      client: [agent.pid],
    };
  },
};
