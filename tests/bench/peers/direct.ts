/**
 * No tunnel at all: what the generator of load and the origin can do.
 *
 * @module
 */
import type { Peer } from "../peer.ts";

/** The generator talks to the origin itself. */
export const DIRECT: Peer = {
  name: "direct",
  about: "generator and origin without a tunnel: the ceiling of the others",
  programs: [],
  version: () => Promise.resolve(`Deno ${Deno.version.deno}`),
  async start(place) {
    const { originPort } = place.site;
    const hostname = await place.wire(originPort);
    const route = place.route(originPort, "direct", { hostname });
    return { stream: route, plain: route, server: [], client: [] };
  },
};
