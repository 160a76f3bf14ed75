/**
 * Downloads that never end: how many bytes a second, and what they cost.
 *
 * @module
 */
import type { LoadResult } from "../generate.ts";
import type { Column, Workload } from "../workload.ts";

const MEGABYTE = 1e6;
const GIGABYTE = 1e9;
const MEBIBYTE = 1024 * 1024;

const COLUMNS: readonly Column[] = [
  { title: "MB/s", digits: 0 },
  { title: "server CPU-s/GB", digits: 2 },
  { title: "client CPU-s/GB", digits: 2 },
  { title: "server RSS MiB", digits: 0 },
  { title: "client RSS MiB", digits: 0 },
];

function row({ bytes, seconds, server, client }: LoadResult): number[] {
  return [
    bytes / seconds / MEGABYTE,
    server.cpu / (bytes / GIGABYTE),
    client.cpu / (bytes / GIGABYTE),
    server.memory / MEBIBYTE,
    client.memory / MEBIBYTE,
  ];
}

/** Downloads over `streams` connections at once. */
export function bulk(streams: number): Workload {
  return {
    name: `bulk-${streams}`,
    about: streams === 1
      ? "one download through CONNECT"
      : `${streams} downloads at once through CONNECT`,
    way: "stream",
    roundTrip: undefined,
    isFresh: false,
    columns: COLUMNS,
    better: "more",
    async measure({ route, times, generate }) {
      return row(await generate({ kind: "bulk", route, ...times, streams }));
    },
  };
}

/** One download over a wire with a round trip of `roundTrip` milliseconds. */
export function bulkOverWire(roundTrip: number): Workload {
  return {
    ...bulk(1),
    name: `rtt-${roundTrip}`,
    about:
      `one download through CONNECT, ${roundTrip} ms round trip between client and server`,
    roundTrip,
  };
}
