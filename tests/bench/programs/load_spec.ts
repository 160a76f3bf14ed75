/**
 * What the generator of load gets as input, and what it reports.
 *
 * @module
 */
import { z } from "zod";
import { ROUTE, type Route } from "./route.ts";

interface Timed {
  readonly route: Route;
  /** Milliseconds of load before counting begins. */
  readonly warmUp: number;
  /** Milliseconds during which is counted. */
  readonly duration: number;
}

/** `streams` downloads that never end. */
export interface BulkLoad extends Timed {
  readonly kind: "bulk";
  readonly streams: number;
}

/** Each of `workers` connections sends a request, waits for the response, then for `pause` milliseconds. */
export interface RequestLoad extends Timed {
  readonly kind: "requests";
  readonly workers: number;
  readonly pause: number;
}

/** Each of `workers` opens a connection, asks once, and closes it. */
export interface ConnectionLoad extends Timed {
  readonly kind: "connections";
  readonly workers: number;
}

/** `count` connections that sent one request and then stay, idle. */
export interface IdleLoad extends Timed {
  readonly kind: "idle";
  readonly count: number;
}

/** One load, told apart by `kind`. */
export type LoadSpec = BulkLoad | RequestLoad | ConnectionLoad | IdleLoad;

const TIMED = { route: ROUTE, warmUp: z.number(), duration: z.number() };

/** Checks a {@linkcode LoadSpec} that another process sent. */
export const LOAD_SPEC: z.ZodType<LoadSpec> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("bulk"), ...TIMED, streams: z.int() }),
  z.object({
    kind: z.literal("requests"),
    ...TIMED,
    workers: z.int(),
    pause: z.number(),
  }),
  z.object({ kind: z.literal("connections"), ...TIMED, workers: z.int() }),
  z.object({ kind: z.literal("idle"), ...TIMED, count: z.int() }),
]);

/** What was counted between the line {@linkcode BEGIN} and the report. */
export interface LoadReport {
  readonly seconds: number;
  /** Bytes of content that arrived in downloads. */
  readonly bytes: number;
  /** Exchanges that ended. */
  readonly exchanges: number;
  /** Milliseconds from request to complete response; 0 without exchanges. */
  readonly p50: number;
  readonly p99: number;
}

/** Checks a {@linkcode LoadReport} that another process sent. */
export const LOAD_REPORT: z.ZodType<LoadReport> = z.object({
  seconds: z.number(),
  bytes: z.number(),
  exchanges: z.number(),
  p50: z.number(),
  p99: z.number(),
});

/** The line that says that counting begins. */
export const BEGIN = "begin";

/** Content of the small responses, in bytes: a JSON response of an API. */
export const SMALL_CONTENT = 256;
