/**
 * Where the status API listens: an address, a Unix socket, both or neither.
 *
 * @module
 */
import { serveApp, serveSocket, type WebApp } from "../api/serve.ts";
import { logger } from "../log/log.ts";
import type { ClientOptions } from "./options.ts";

/** A status API that can be asked. */
export interface StatusApi extends AsyncDisposable {
  /** `http://host:port/`, if it listens on an address. */
  readonly url: string | undefined;
}

const log = logger("api");

/**
 * Serves `app` where the options say.
 *
 * @throws {ListenError} When an address is taken; nothing listens then.
 */
export async function serveStatus(
  app: WebApp,
  { apiAddress, apiSocket }: Pick<ClientOptions, "apiAddress" | "apiSocket">,
): Promise<StatusApi> {
  await using parts = new AsyncDisposableStack();
  const protocol = "http";
  if (apiSocket !== undefined) {
    parts.use(serveSocket(app, apiSocket));
    log.info("HTTP server listen", { socket: apiSocket, protocol });
  }
  const served = apiAddress && parts.use(serveApp(app, apiAddress));
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
