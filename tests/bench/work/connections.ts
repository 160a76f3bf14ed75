/**
 * New connections: how many a second, each with one request.
 *
 * @module
 */
import type { Workload } from "../workload.ts";
import { EXCHANGE_COLUMNS, exchangeRow } from "./requests.ts";

const WORKERS = 16;

/** Connect, CONNECT, one request, close. */
export const CONNECTIONS: Workload = {
  name: "connections",
  about: `new connections, each CONNECT and one request, ${WORKERS} at once`,
  way: "stream",
  roundTrip: undefined,
  isFresh: false,
  columns: EXCHANGE_COLUMNS,
  better: "more",
  async measure({ route, times, generate }) {
    return exchangeRow(
      await generate({
        kind: "connections",
        route,
        ...times,
        workers: WORKERS,
      }),
    );
  },
};
