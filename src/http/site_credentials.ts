/**
 * Credentials for sites and upstream proxies, by host and port.
 *
 * The first that matches counts, in this order: `host:port`, `*:port`, `host:*`,
 * `*:*`.
 */
import {
  type BasicCredentials,
  formatBasicCredentials,
} from "./basic_credentials.ts";
import type { Fields } from "./fields.ts";
import { type Address, canonicalName } from "../net/address/address.ts";

/** Credentials, and what they are for. */
export interface SiteCredentials extends BasicCredentials {
  /** A host name in lower case, or `*`. */
  readonly hostname: string;
  /** A port, or `*`. */
  readonly port: number | "*";
}

/** The credentials for a place, or `undefined` when there are none. */
export type FindCredentials = (place: Address) => BasicCredentials | undefined;

/** Makes the look-up. */
export function findCredentials(
  all: readonly SiteCredentials[],
): FindCredentials {
  const table = new Map(all.map((each) => [keyOf(each), each]));
  return function find({ hostname, port }) {
    const host = canonicalName(hostname);
    return table.get(`${host}:${port}`) ?? table.get(`*:${port}`) ??
      table.get(`${host}:*`) ?? table.get("*:*");
  };
}

/** Adds credentials to a request that brings none of its own. */
export function addCredentials(
  fields: Fields,
  credentials: BasicCredentials | undefined,
): void {
  if (credentials === undefined || fields.has("authorization")) return;
  fields.append("Authorization", formatBasicCredentials(credentials));
}

/** What two credentials may not share. */
export function keyOf(
  { hostname, port }: Pick<SiteCredentials, "hostname" | "port">,
): string {
  return `${hostname}:${port}`;
}
