/**
 * Small requests on connections that stay: how many a second, how long each
 * takes, and what they cost.
 *
 * @module
 */
import type { LoadResult } from "../generate.ts";
import type { Column, Workload } from "../workload.ts";

const MICROSECONDS = 1e6;
const MEBIBYTE = 1024 * 1024;

/** Of everything that counts exchanges a second. */
export const EXCHANGE_COLUMNS: readonly Column[] = [
  { title: "per second", digits: 0 },
  { title: "p50 ms", digits: 2 },
  { title: "p99 ms", digits: 2 },
  { title: "server CPU-µs each", digits: 0 },
  { title: "client CPU-µs each", digits: 0 },
  { title: "server RSS MiB", digits: 0 },
  { title: "client RSS MiB", digits: 0 },
];

/** A result in {@linkcode EXCHANGE_COLUMNS}. */
export function exchangeRow(
  { exchanges, seconds, p50, p99, server, client }: LoadResult,
): readonly number[] {
  return [
    exchanges / seconds,
    p50,
    p99,
    server.cpu * MICROSECONDS / exchanges,
    client.cpu * MICROSECONDS / exchanges,
    server.memory / MEBIBYTE,
    client.memory / MEBIBYTE,
  ];
}

/** Requests on `workers` connections that stay. */
export function requests(
  workers: number,
  what: Pick<Workload, "name" | "about" | "way" | "peers">,
): Workload {
  return {
    ...what,
    roundTrip: undefined,
    isFresh: false,
    columns: EXCHANGE_COLUMNS,
    better: "more",
    async measure({ route, times, generate }) {
      return exchangeRow(
        await generate({
          kind: "requests",
          route,
          ...times,
          workers,
          pause: 0,
        }),
      );
    },
  };
}

/** Requests inside CONNECT, on `workers` connections. */
export function keepAlive(workers: number): Workload {
  return requests(workers, {
    name: `keep-${workers}`,
    about: `requests through CONNECT, ${workers} keep-alive connections`,
    way: "stream",
  });
}

/** Requests in absolute-form that every hop reads, on `workers` connections. */
export function plain(workers: number): Workload {
  return requests(workers, {
    name: `plain-${workers}`,
    about:
      `plain HTTP through the proxy (absolute-form), ${workers} connections`,
    way: "plain",
  });
}
