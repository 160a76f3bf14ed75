/**
 * The limit of the platform: two Deno processes that copy between sockets, one
 * TLS connection for each connection, no framing and no checks. The server
 * dials the client: who dials makes no difference to the bytes.
 *
 * @module
 */
import type { Peer } from "../peer.ts";

/** A pair of `programs/bare_relay.ts`. */
export const BARE: Peer = {
  name: "bare",
  about: "bare Deno TLS relay pair, no framing: the platform's limit",
  programs: [],
  version: () => Promise.resolve(`Deno ${Deno.version.deno}`),
  async start(place) {
    const { certificate, ca, originPort } = place.site;
    const farPort = place.freePort();
    const client = await place.spawnOwn(
      "bare_relay.ts",
      JSON.stringify({
        listen: { hostname: "127.0.0.1", port: farPort, tls: certificate },
        connect: { hostname: "127.0.0.1", port: originPort },
      }),
    );
    const hostname = await place.wire(farPort);
    const nearPort = place.freePort();
    const server = await place.spawnOwn(
      "bare_relay.ts",
      JSON.stringify({
        listen: { hostname: "127.0.0.1", port: nearPort },
        connect: { hostname, port: farPort, tls: { caCerts: [ca] } },
      }),
    );
    const stream = place.route(nearPort, "direct");
    await place.untilReady(stream);
    return {
      stream,
      plain: undefined,
      server: [server.pid],
      client: [client.pid],
    };
  },
};
