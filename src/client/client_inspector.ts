/**
 * The traffic inspector of a client, as its options say.
 *
 * @module
 */
import { hostname } from "node:os";
import { VERSION } from "../config/version.ts";
import type { Handler } from "../http/exchange.ts";
import { createInspector, type Inspector } from "../inspector/inspector.ts";
import type { ClientOptions } from "./options.ts";

/** Makes it; whoever calls this disposes it. */
export function clientInspector(
  { inspector, apiAddress, apiBasicAuth }: ClientOptions,
  handler: Handler,
): Inspector | undefined {
  if (inspector === undefined) return undefined;
  const names = [hostname()];
  if (apiAddress !== undefined) names.push(apiAddress.hostname);
  return createInspector(handler, {
    ...inspector,
    version: VERSION.version,
    // A page of somebody else's name has no credentials to send.
    hostNames: apiBasicAuth === undefined ? names : undefined,
  });
}
