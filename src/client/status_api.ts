/**
 * Where the status API listens: an address, a Unix socket, both or neither.
 *
 * @module
 */
import type { WebApp } from "../api/serve.ts";
import { servePlain, serveSocket } from "../api/serve_plain.ts";
import { logger } from "../log/log.ts";
import type { ClientOptions } from "./options.ts";

/** A status API that can be asked. */
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
): Promise<StatusApi> {
  await using parts = new AsyncDisposableStack();
  const protocol = "http";
  if (apiSocket !== undefined) {
    parts.use(serveSocket(app, apiSocket, { idleTimeout }));
    log.info("HTTP server listen", { socket: apiSocket, protocol });
  }
  const served = apiAddress &&
    parts.use(servePlain(app, apiAddress, { idleTimeout }));
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
