/**
 * Errors as the REST API tells them: a status and `{"error": "…"}`.
 *
 * @module
 */
import { HTTPException } from "hono/http-exception";
import { logger } from "../../log/log.ts";
import type { ErrorReply } from "../resources/tunnel_replies.ts";

/** Statuses that the APIs answer with when something is wrong. */
export type ProblemStatus = 400 | 401 | 403 | 404 | 413 | 415 | 429 | 503;

/** Something is wrong with a request; the message is for whoever sent it. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: ProblemStatus;
  /** Fields that belong to the answer: `WWW-Authenticate`, `Retry-After`. */
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
 * The answer to a request that failed. What is not a {@linkcode Problem} is our
 * own mistake: it is logged, and the answer says nothing of it.
 */
export function problemResponse(error: unknown): Response {
  if (error instanceof Problem) {
    return reply(error.status, error.message, error.headers);
  }
  // Hono's own, thrown by its middleware.
  if (error instanceof HTTPException) return reply(error.status, error.message);
  logger("api").error("request failed", { error });
  return reply(500, "The server failed to answer, its log says why");
}

function reply(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body: ErrorReply = { error: message };
  return Response.json(body, { status, headers });
}
