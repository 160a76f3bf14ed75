/**
 * Under which names the status API and the pages on it answer: a page of
 * somebody else's may have a name that leads to this machine (DNS rebinding).
 */
import { hostname } from "node:os";
import {
  isLocalhostName,
  kindOf,
  reachableAddress,
} from "../../net/address/address.ts";
import type { ClientOptions } from "../options.ts";

type Place = Pick<ClientOptions, "apiAddress" | "apiBasicAuth">;

/** The names of the inspector, which lets nobody in by another; `undefined` where any will do. */
export function inspectorNames(
  { apiAddress, apiBasicAuth }: Place,
): readonly string[] | undefined {
  // A page of somebody else's name has no credentials to send.
  if (apiBasicAuth !== undefined) return undefined;
  const names = [hostname()];
  if (apiAddress !== undefined) names.push(apiAddress.hostname);
  return names;
}

/** The names of the whole status API; on other machines it has names that nobody here knows. */
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
  return isLocalhostName(hostname) || kindOf(hostname) === "loopback";
}
