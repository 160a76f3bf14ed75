/** Turns what ended a start into an error that says what to do. */
import { Http1Error } from "../http1/errors.ts";
import { DialError } from "../net/dial_error.ts";
import { ListenError } from "../net/listen/listen.ts";
import { TunnelError } from "../tunnel/errors.ts";
import { ClientError } from "./errors.ts";
import { expiryIn, RestError } from "./rest/rest_error.ts";

/** Translates any error that ended a start. */
export function startErrorOf(cause: unknown, signal: AbortSignal): Error {
  if (signal.aborted) {
    return new ClientError("aborted", "The start was given up", { cause });
  }
  if (cause instanceof ClientError || cause instanceof ListenError) {
    return cause;
  }
  if (cause instanceof RestError) return restError(cause);
  if (cause instanceof DialError) {
    return new ClientError("unreachable", cause.message, { cause });
  }
  if (cause instanceof TunnelError) {
    const isThere = cause.code === "refused" ||
      cause.code === "versionMismatch";
    const code = isThere ? "refused" : "unreachable";
    return new ClientError(code, cause.message, { cause });
  }
  if (cause instanceof Http1Error) {
    return new ClientError(
      "unreachable",
      `Cannot talk to the server: ${cause.message}`,
      { cause },
    );
  }
  return cause instanceof Error ? cause : new Error(String(cause));
}

function restError(cause: RestError): ClientError {
  const { status, message } = cause;
  if (status === 401) {
    return new ClientError(
      "unauthorized",
      expiryIn(cause) ??
        "Cannot log in: the server does not know this user with this key, " +
          "check --username and --access-key",
      { cause },
    );
  }
  const code = status >= 400 && status < 500 ? "refused" : "unreachable";
  return new ClientError(code, `Cannot create the tunnel: ${message}`, {
    cause,
  });
}
