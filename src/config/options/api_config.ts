/**
 * The client's options about its status API.
 *
 * @module
 */
import type { Address } from "../../net/address/address.ts";
import type { Environment } from "../sources/environment.ts";
import { field, type Fields } from "../field.ts";
import { duration, listenAddress, text } from "../values/values.ts";

/** Where the status API listens, and for whom. Durations are in milliseconds. */
export interface ApiConfig {
  readonly apiAddress: Address | undefined;
  readonly apiSocket: string | undefined;
  readonly apiBasicAuth: string | undefined;
  readonly apiIdleTimeout: number;
}

const CONTAINER_SOCKET = "/tmp/sallyport.sock";

/** Declares the options of `ApiConfig`. */
export const API_FIELDS: Fields<ApiConfig> = {
  apiAddress: field(listenAddress().optional(), {
    section: "API server",
    placeholder: "host:port",
    defaultText: "not started",
    help: "Where the client tells how it is (/readyz, /info, /metrics). " +
      "Without a host it listens on all interfaces.",
  }),
  apiSocket: field(text().optional(), {
    section: "API server",
    placeholder: "path",
    defaultText: `none; ${CONTAINER_SOCKET} when PLATFORM=container`,
    help: "Unix socket where the client also tells how it is. It is made at " +
      "the start and removed in the end.",
  }),
  apiBasicAuth: field(text().optional(), {
    section: "API server",
    placeholder: "user[:password]",
    secret: "password",
    help: "Credentials that the API server asks for. After ten wrong ones in " +
      "a minute an address must wait.",
  }),
  apiIdleTimeout: field(duration().default(3_600_000), {
    section: "API server",
    placeholder: "duration",
    help: "How long a connection to the API server may wait for its next " +
      "request.",
  }),
};

/** In containers there always is one: a health check inside needs no port. */
export function containerSocket(environment: Environment): string | undefined {
  return environment("PLATFORM") === "container" ? CONTAINER_SOCKET : undefined;
}
