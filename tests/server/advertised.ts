/** Addresses for parts of a server that are tested without its ports. */
import {
  type Advertise,
  advertiser,
  type ExternalAddresses,
} from "../../src/server/ports/advertise.ts";

const LOOPBACK = "127.0.0.1";

/** What a server says whose ports are 8443, 8444 for clients, and 8080 for browsers. */
export function advertiseWith(external: ExternalAddresses = {}): Advertise {
  return advertiser(external, () => ({
    shared: { hostname: LOOPBACK, port: 8443 },
    tunnel: { hostname: LOOPBACK, port: 8444 },
    proxy: { hostname: LOOPBACK, port: 8080 },
    isHttpsProxy: true,
  }));
}
