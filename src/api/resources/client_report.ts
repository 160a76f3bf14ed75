/**
 * The report of a client that crashed.
 *
 * @module
 */
import { z } from "zod";

/** Longest description of a crash in characters: a trace with many frames. */
const MAX_INFO_LENGTH: number = 64 * 1024;
/** Longest id of a tunnel that a report may name. */
const MAX_ID_LENGTH = 64;
/** Longest log in characters: below what the content of any request may be. */
const MAX_LOGS_LENGTH: number = 512 * 1024;

/** Body of `POST /{user}/errors`; the names are those that Sauce Connect's clients send. */
export interface CrashReport {
  /** What happened. */
  readonly Info: string;
  /** The end of the client's log; it may hold secrets, and is not kept. */
  readonly Logs?: string;
  /** Id of the tunnel, when there was one. */
  readonly Tunnel?: string;
}

/** Reads a {@linkcode CrashReport}; strict. */
export const crashReport: z.ZodType<CrashReport> = z.strictObject({
  Info: z.string().max(MAX_INFO_LENGTH).describe("What happened."),
  Logs: z.exactOptional(
    z.string().max(MAX_LOGS_LENGTH).describe(
      "The end of the client's log. It is not kept.",
    ),
  ),
  Tunnel: z.exactOptional(
    z.string().max(MAX_ID_LENGTH).describe("Id of the tunnel."),
  ),
}).meta({ id: "CrashReport" });

/** Reply to `POST /{user}/errors`. */
export interface ReportedReply {
  readonly result: true;
}

/** Reads a {@linkcode ReportedReply}. */
export const reportedReply: z.ZodType<ReportedReply> = z.object({
  result: z.literal(true),
}).meta({ id: "Reported" });
