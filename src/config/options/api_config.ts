// The client's options about its status API.
import { SYSTEM, type System } from "../../platform/system.ts";
import { isContainer } from "../container.ts";
import type { Environment } from "../sources/environment.ts";
import { fieldsIn } from "../field.ts";
import { duration, listenAddress, text } from "../values/values.ts";
import { socketPath } from "../values/socket_path.ts";

const field = fieldsIn("Status API");

const CONTAINER_SOCKET = "/tmp/sallyport.sock";

/** Where the status API listens, and its credentials. Durations are in milliseconds. */
export const API_FIELDS = {
  apiAddress: field(listenAddress().optional(), {
    placeholder: "host:port",
    defaultText: "not started",
    summary: "Address of the status API (/readyz, /metrics)",
    help: "Address of the client's status API (/readyz, /info, /metrics). " +
      "Without a host it listens on all interfaces.",
  }),
  apiSocket: field(socketPath().optional(), {
    placeholder: "path",
    defaultText: `none; ${CONTAINER_SOCKET} when PLATFORM=container`,
    summary: "Unix socket of the status API",
    help: "Unix socket of the status API. It is created at startup and " +
      "removed at exit.",
  }),
  apiBasicAuth: field(text().optional(), {
    placeholder: "user[:password]",
    secret: "password",
    summary: "Credentials that the status API requires",
    help: "Credentials that the status API requires. An address must wait " +
      "after ten failed attempts in a minute.",
  }),
  apiIdleTimeout: field(duration().default(3_600_000), {
    placeholder: "duration",
    summary: "How long connections may be idle",
    help: "How long a connection to the status API may be idle between " +
      "requests.",
  }),
};

/**
 * The default socket in containers: health checks inside then need no port.
 * Containers of Windows have none.
 */
export function containerSocket(
  environment: Environment,
  { hasUnixSockets }: Pick<System, "hasUnixSockets"> = SYSTEM,
): string | undefined {
  return hasUnixSockets && isContainer(environment)
    ? CONTAINER_SOCKET
    : undefined;
}
