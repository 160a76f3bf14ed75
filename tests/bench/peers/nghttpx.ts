/**
 * nghttpx on both sides of an HTTP/2 connection with TLS: what C does with the
 * same protocol. It carries HTTP, not bytes, and its server dials its client.
 *
 * @module
 */
import type { Peer } from "../peer.ts";
import { requireProgram, versionOf } from "../tools.ts";

/** One worker each, as one end of ours is one thread; windows as large as ours at the start. */
const FLAGS = [
  "--conf=/dev/null",
  "--workers=1",
  "--errorlog-file=/dev/null",
];
const WINDOWS = [
  "--backend-http2-window-size=4M",
  "--backend-http2-connection-window-size=16M",
];

/** A pair of nghttpx. */
export const NGHTTPX: Peer = {
  name: "nghttpx",
  about: "nghttpx pair, HTTP/2 over TLS, one worker, windows 4M/16M",
  programs: ["nghttpx"],
  version: () => versionOf("nghttpx", ["--version"]),
  async start(place) {
    const program = requireProgram("nghttpx");
    const farPort = place.freePort();
    const client = place.spawn(program, [
      `-f127.0.0.1,${farPort}`,
      `-b127.0.0.1,${place.site.originPort}`,
      ...FLAGS,
      place.path("key.pem"),
      place.path("cert.pem"),
    ]);
    await place.untilOpen(farPort);
    const host = await place.wire(farPort);
    const nearPort = place.freePort();
    const server = place.spawn(program, [
      `-f127.0.0.1,${nearPort};no-tls`,
      `-b${host},${farPort};;proto=h2;tls;sni=localhost`,
      `--cacert=${place.path("ca.pem")}`,
      ...FLAGS,
      ...WINDOWS,
    ]);
    const route = place.route(nearPort, "direct");
    await place.untilReady(route);
    return {
      stream: route,
      plain: route,
      server: [server.pid],
      client: [client.pid],
    };
  },
};
