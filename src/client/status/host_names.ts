/**
 * The host names under which the status API and its pages may be requested. A
 * foreign page may have a name that resolves to this machine (DNS rebinding).
 */
import { hostname } from "node:os";
import {
  addressKindOf,
  isLocalhostName,
  reachableAddress,
} from "../../net/address/address.ts";
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
  return apiAddress !== undefined && isOfThisMachine(apiAddress)
    ? inspectorNames(place)
    : undefined;
}

function isOfThisMachine(
  address: NonNullable<ClientOptions["apiAddress"]>,
): boolean {
  const { hostname } = address;
  if (reachableAddress(address).hostname !== hostname) return false;
  return isLocalhostName(hostname) || addressKindOf(hostname) === "loopback";
}
