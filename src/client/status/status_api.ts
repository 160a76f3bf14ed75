/**
 * Where the status API listens: an address, a Unix socket, both or neither.
 */
import { serveApp, serveSocket, type WebApp } from "../../api/serving/serve.ts";
import { logger } from "../../log/log.ts";
import type { ConnectionLimits } from "../../net/listen/connection_limits.ts";
import type { ClientOptions } from "../options.ts";

/** A status API that is being served. */
export interface StatusApi extends AsyncDisposable {
  /** `http://host:port/`, if it listens on an address. */
  readonly url: string | undefined;
}

const log = logger("api");
const HOUR = 3_600_000;

/**
 * Serves `app` where the options say.
 *
 * @throws {ListenError} When an address is taken; nothing listens then.
 */
export async function serveStatus(
  app: WebApp,
  { apiAddress, apiSocket, apiIdleTimeout: idleTimeout = HOUR }: Pick<
    ClientOptions,
    "apiAddress" | "apiSocket" | "apiIdleTimeout"
  >,
  limits?: ConnectionLimits,
): Promise<StatusApi> {
  await using parts = new AsyncDisposableStack();
  const options = {
    idleTimeout,
    port: "status",
    ...limits !== undefined && { limits },
  };
  const protocol = "http";
  if (apiSocket !== undefined) {
    parts.use(serveSocket(app, apiSocket, options));
    log.info("HTTP server listen", { socket: apiSocket, protocol });
  }
  const served = apiAddress &&
    parts.use(serveApp(app, apiAddress, options));
  if (served !== undefined) {
    const address = `${served.hostname}:${served.port}`;
    log.info("HTTP server listen", { address, protocol });
  }
  const listening = parts.move();
  return {
    url: served?.url,
    [Symbol.asyncDispose]: () => listening.disposeAsync(),
  };
}
