/**
 * The end of links that other nodes dial: it tells them what this node holds, and
 * answers the exchanges that they send for it.
 */
import type { Running } from "../async/running.ts";
import type { Handler } from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import type { Http2Connection } from "../http2/api.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import { TunnelError } from "../tunnel/errors.ts";
import { serveSession } from "../tunnel/serve_session.ts";
import { LINK_SILENCE, PRESENCE_HOST } from "./node_link.ts";
import type { NodeListener } from "./node_places.ts";
import type { Presence } from "./presence.ts";

/** Exchanges of one other node at once: as many as browsers may have connections. */
const MAX_EXCHANGES = 10_000;
/** Links at once. A node has one to each other; a second one is there while the first is given up. */
const MAX_LINKS = 64;

/** Options of {@linkcode NodeServer}. */
export interface NodeServerOptions {
  readonly presence: Presence;
  /** Answers an exchange for a tunnel. */
  readonly handlerOf: (tunnelId: string) => Handler;
  /** Called with why an exchange or the listener failed. */
  readonly onError: (cause: unknown) => void;
}

/** Serves links until it is disposed. */
export class NodeServer implements Running {
  readonly done: Promise<void>;
  readonly #listener: NodeListener;
  readonly #options: NodeServerOptions;
  readonly #links = new Set<Http2Connection>();
  #isClosing = false;
  #answered = 0;

  constructor(listener: NodeListener, options: NodeServerOptions) {
    this.#listener = listener;
    this.#options = options;
    this.done = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return await this.done;
    this.#isClosing = true;
    this.#listener[Symbol.dispose]();
    await Promise.all(
      [...this.#links].map((link) => link[Symbol.asyncDispose]()),
    );
    await this.done;
  }

  async #run(): Promise<void> {
    try {
      for await (const conn of this.#listener.connections) this.#accept(conn);
    } catch (cause) {
      if (!this.#isClosing) this.#options.onError(cause);
    }
  }

  #accept(conn: ByteStream): void {
    if (this.#links.size >= MAX_LINKS) return conn.close();
    const link = serveSession(conn, {
      handler: (request, { signal }) => this.#tell(request.authority, signal),
      handlerOf: this.#options.handlerOf,
      exchangeId: () => `hop-${this.#answered += 1}`,
      maxConcurrentStreams: MAX_EXCHANGES,
      silence: LINK_SILENCE,
      onError: this.#options.onError,
    });
    this.#links.add(link);
    const forget = () => void this.#links.delete(link);
    // The other node dials again.
    link.done.then(forget, forget);
  }

  #tell(authority: string, signal: AbortSignal): ReturnType<Handler> {
    if (authority !== PRESENCE_HOST) {
      const error = new TunnelError("reset", "Cannot answer another node");
      return Promise.reject(error);
    }
    const body = this.#options.presence.tell();
    // There may be nothing to say for long: the end of the link does not wait for it.
    signal.addEventListener("abort", () => body.cancel(), { once: true });
    return Promise.resolve({
      ...{ kind: "response", status: 200 },
      ...{ fields: new Fields(), body },
    });
  }
}
