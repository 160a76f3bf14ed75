/**
 * One exchange on the link to another node: what goes there, and what its
 * failure means here. A node that gets it uses the sessions that it holds
 * itself, so no exchange passes more than one link.
 */
import type { Handler, ProxyRequest, ProxyResponse } from "../http/exchange.ts";
import { isIdempotent } from "../http/methods.ts";
import { ErrorCode, Http2Error } from "../http2/errors.ts";
import { TunnelError, type TunnelErrorCode } from "../tunnel/errors.ts";
import type { SessionContext, TunnelSession } from "../tunnel/session.ts";

/** The session of a tunnel on this node for a new exchange; `undefined` if there is none. */
export type FindSession = (tunnelId: string) => TunnelSession | undefined;

/** Sends an exchange for a tunnel over `link`. @throws {TunnelError} As a session of the tunnel would. */
export async function hop(
  link: Pick<TunnelSession, "handler">,
  request: ProxyRequest,
  context: SessionContext & { readonly tunnelId: string },
): Promise<ProxyResponse> {
  try {
    return await link.handler(request, context);
  } catch (cause) {
    throw meant(cause);
  }
}

/** Answers what other nodes send for a tunnel. */
export function holderOf(find: FindSession): (tunnelId: string) => Handler {
  return (tunnelId) => async (request, context) => {
    const session = find(tunnelId);
    if (session !== undefined) {
      return await session.handler(request, {
        ...context,
        isMovable: isSafe(request),
      });
    }
    throw new TunnelError("lost", "Cannot find a session of the tunnel here", {
      retryable: true,
      isUnsent: true,
    });
  };
}

/** What the other node said of its session, by the code of the stream. */
const MEANINGS: ReadonlyMap<number, TunnelErrorCode> = new Map([
  [ErrorCode.REFUSED_STREAM, "lost"],
  [ErrorCode.CONNECT_ERROR, "lost"],
  [ErrorCode.ENHANCE_YOUR_CALM, "full"],
]);

function meant(cause: unknown): unknown {
  if (!(cause instanceof TunnelError) || cause.code !== "reset") return cause;
  const { cause: stream, message, retryable, isUnsent } = cause;
  if (!(stream instanceof Http2Error)) return cause;
  const code = MEANINGS.get(stream.code);
  if (code === undefined) return cause;
  return new TunnelError(code, message, { retryable, isUnsent, cause });
}

/** Whether it does no harm to send it twice. */
function isSafe(request: ProxyRequest): boolean {
  return request.kind === "request" && request.body === undefined &&
    isIdempotent(request.method);
}
