/** Errors of the web APIs: a status and `{"error": "…"}`. */
import { HTTPException } from "hono/http-exception";
import { logger } from "../../log/log.ts";
import type { ErrorReply } from "../resources/tunnel_replies.ts";

/** Error statuses of the APIs. */
export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 409
  | 413
  | 415
  | 429
  | 503;

/** An error with a message for the sender of the request. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: ProblemStatus;
  /** Fields of the response, such as `WWW-Authenticate` or `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ProblemStatus,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * The response to a failed request. An error that is not a {@linkcode Problem} is
 * our own bug: it is logged, and the response does not reveal it.
 */
export function problemResponse(error: unknown): Response {
  if (error instanceof Problem) {
    return reply(error.status, error.message, error.headers);
  }
  // Thrown by Hono's own middleware.
  if (error instanceof HTTPException) return reply(error.status, error.message);
  logger("api").error("request failed", { error });
  return reply(500, "Internal error, see the server's log");
}

function reply(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body: ErrorReply = { error: message };
  return Response.json(body, { status, headers });
}
