/**
 * Carries out ordinary requests, over connections to origins that are kept.
 *
 * @module
 */
import type {
  ExchangeContext,
  PlainRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import { Http1Error } from "../http1/errors.ts";
import { sendHttp1 } from "../http1/client/send.ts";
import type { ConnectTarget } from "../net/dial/connect.ts";
import { ProxyError } from "./errors/errors.ts";
import { originOf, type Origins } from "./origin.ts";
import { overWays, type Way } from "./routes.ts";
import { addCredentials } from "../http/site_credentials.ts";

/**
 * Sends `request` to its origin.
 *
 * A kept connection may have been closed by the origin at the very moment it
 * was taken; what can be sent again is, once, on a new one.
 *
 * @throws {DialError} When the origin cannot be reached.
 * @throws {Http1Error} When it does not answer in HTTP.
 */
export async function forward(
  request: PlainRequest,
  context: ExchangeContext,
  origins: Origins,
): Promise<ProxyResponse> {
  const target = originOf(request);
  addCredentials(request.fields, origins.credentials(target));
  const ways = await origins.findWays(target, context.signal);
  return await overWays(ways, async (way) => {
    try {
      return await sendOnce(way, false);
    } catch (cause) {
      if (!(cause instanceof Http1Error) || !cause.retryable) throw cause;
      return await sendOnce(way, true);
    }
  });

  async function sendOnce(way: Way, fresh: boolean): Promise<ProxyResponse> {
    const { viaProxy } = way;
    const { connection, release } = await origins.pool.acquire(
      `${origins.keyPrefix()} ${way.key}`,
      () => (viaProxy ?? way).connect(context.signal),
      { fresh },
    );
    const options = {
      responseHeaderTimeout: origins.responseHeaderTimeout,
      release,
    };
    if (viaProxy === undefined) {
      return await sendHttp1(connection, request, context, options);
    }
    return notAskingForCredentials(
      await sendHttp1(
        connection,
        authorized(request, viaProxy.authorization),
        context,
        { ...options, form: "absolute" },
      ),
      target,
    );
  }
}

/** A request as the upstream proxy wants it. */
function authorized(
  request: PlainRequest,
  authorization: string | undefined,
): PlainRequest {
  if (authorization === undefined) return request;
  const fields = request.fields.clone();
  fields.set("Proxy-Authorization", authorization);
  return { ...request, fields };
}

/**
 * The browser must not be asked for the credentials of a proxy that it does not
 * know: it would send those of the tunnel.
 */
function notAskingForCredentials(
  response: ProxyResponse,
  { hostname }: ConnectTarget,
): ProxyResponse {
  if (response.status !== 407) return response;
  if (response.kind === "response") response.body?.cancel();
  throw new ProxyError("upstreamCredentials", hostname);
}
