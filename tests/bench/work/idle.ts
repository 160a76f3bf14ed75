/**
 * Connections at which nothing happens: what they take of memory.
 *
 * @module
 */
import type { Workload } from "../workload.ts";
import { usageOf } from "../usage.ts";

const COUNT = 1000;
const MEBIBYTE = 1024 * 1024;

/** Connections that carried one request each and stay. */
export const IDLE: Workload = {
  name: "idle",
  about:
    `${COUNT} idle CONNECT streams: memory above that of newly started ends`,
  way: "stream",
  roundTrip: undefined,
  isFresh: true,
  columns: [
    { title: "both ends MiB", digits: 0 },
    { title: "server MiB", digits: 0 },
    { title: "client MiB", digits: 0 },
    { title: "server RSS MiB", digits: 0 },
    { title: "client RSS MiB", digits: 0 },
  ],
  better: "less",
  async measure({ peer, route, times, generate }) {
    const serverBefore = usageOf(peer.server).memory;
    const clientBefore = usageOf(peer.client).memory;
    const { server, client } = await generate({
      kind: "idle",
      route,
      ...times,
      count: COUNT,
    });
    const atServer = server.memory - serverBefore;
    const atClient = client.memory - clientBefore;
    return [
      atServer + atClient,
      atServer,
      atClient,
      server.memory,
      client.memory,
    ].map((bytes) => bytes / MEBIBYTE);
  },
};
