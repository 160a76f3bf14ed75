/**
 * The host names under which the status API and its pages may be requested. A
 * foreign page may have a name that resolves to this machine (DNS rebinding).
 */
import { hostname } from "node:os";
import { isLoopbackOnly } from "../../net/address/address.ts";
import type { ClientOptions } from "../options.ts";

type Place = Pick<ClientOptions, "apiAddress" | "apiBasicAuth">;

/** The names of the inspector; `undefined` when any name is allowed. */
export function inspectorNames(
  { apiAddress, apiBasicAuth }: Place,
): readonly string[] | undefined {
  // A foreign page has no credentials to send.
  if (apiBasicAuth !== undefined) return undefined;
  const names = [hostname()];
  if (apiAddress !== undefined) names.push(apiAddress.hostname);
  return names;
}

/** The names of the whole status API; `undefined` when it is reachable from other machines, whose names for it are unknown. */
export function statusNames(place: Place): readonly string[] | undefined {
  const { apiAddress } = place;
  return apiAddress !== undefined && isLoopbackOnly(apiAddress)
    ? inspectorNames(place)
    : undefined;
}
