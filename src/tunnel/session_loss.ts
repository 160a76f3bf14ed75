import { ErrorCode, Http2Error } from "../http2/errors.ts";
import type { SessionLoss } from "../metrics/organization_tallies.ts";

/** Why a session was lost, in one of a few words, from the error that ended it. */
export function lossOf(cause: unknown): SessionLoss {
  if (!(cause instanceof Http2Error)) return "other";
  if (cause.initiator !== "transport") return "protocol";
  return cause.code === ErrorCode.CANCEL ? "silent" : "cut";
}
