/**
 * Carries out requests to change the protocol: WebSockets and others.
 *
 * @module
 */
import type {
  ExchangeContext,
  ProxyResponse,
  UpgradeRequest,
} from "../http/exchange.ts";
import { Http1Connection } from "../http1/client/connection.ts";
import { sendHttp1 } from "../http1/client/send.ts";
import { originOf, type Origins } from "./origin.ts";
import { overWays } from "./routes.ts";
import { addCredentials } from "../http/site_credentials.ts";

/**
 * Asks the origin to change the protocol, on a connection of its own. An
 * origin that declines gives an ordinary answer.
 *
 * @throws {DialError} When the origin cannot be reached.
 * @throws {Http1Error} When it does not answer in HTTP.
 */
export async function upgrade(
  request: UpgradeRequest,
  context: ExchangeContext,
  origins: Origins,
): Promise<ProxyResponse> {
  const target = originOf(request);
  addCredentials(request.fields, origins.credentials(target));
  const { signal } = context;
  const ways = await origins.findWays(target, signal);
  const stream = await overWays(ways, (way) => way.connect(signal));
  const connection = new Http1Connection(stream);
  return await sendHttp1(connection, request, context, {
    responseHeaderTimeout: origins.responseHeaderTimeout,
    release: () => connection.close(),
  });
}
