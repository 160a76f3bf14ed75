/**
 * Carries out CONNECT: a connection to the origin, handed over as it is.
 *
 * @module
 */
import type {
  ConnectRequest,
  ExchangeContext,
  StreamResponse,
} from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import { originOf, type Origins } from "./origin.ts";
import { overWays } from "./routes.ts";

/** Connects to the origin of `request`. @throws {DialError} When that fails. */
export async function connect(
  request: ConnectRequest,
  { signal }: ExchangeContext,
  origins: Origins,
): Promise<StreamResponse> {
  const ways = await origins.findWays(originOf(request), signal);
  const stream = await overWays(ways, (way) => way.connect(signal));
  return { kind: "stream", status: 200, fields: new Fields(), stream };
}
