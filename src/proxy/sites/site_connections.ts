/**
 * Connections to sites, whatever HTTP they speak: the TLS handshake says it
 * (ALPN, RFC 7301). One HTTP/2 connection serves many requests, one of HTTP/1.1
 * serves one after the other.
 */
import {
  ConnectionPool,
  type PooledConnection,
} from "../../http1/client/connection_pool.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import {
  Http2Connections,
  type Http2ConnectionsOptions,
  type Http2Site,
} from "./http2_connections.ts";

/** A connection for one request, which has its place there already. */
export type SiteConnection =
  | { readonly protocol: "http/1.1"; readonly http1: PooledConnection }
  | {
    readonly protocol: "h2";
    /** The caller releases it once. */
    readonly http2: Http2Site;
    /** Whether it had a request before, so that the site may have closed it. */
    readonly reused: boolean;
  };

/** Opens a connection. @param alpnProtocols What is offered where TLS is spoken. */
export type DialSite = (
  alpnProtocols: readonly string[],
) => Promise<ByteStream>;

/** Sites whose protocol is remembered: as many as a large test run visits. What is forgotten is asked again. */
const MAX_KNOWN = 1_024;

const HTTP1: readonly string[] = ["http/1.1"];
const ANY: readonly string[] = ["h2", "http/1.1"];

/** Keeps connections to sites by key, and shares those that can be shared. */
export class SiteConnections implements AsyncDisposable {
  readonly #http1: ConnectionPool;
  readonly #http2: Http2Connections;
  /** Keys of sites that have chosen HTTP/2. */
  readonly #speakHttp2 = new Set<string>();
  /** Keys of sites that offer HTTP/2 and then require HTTP/1.1. */
  readonly #requireHttp1 = new Set<string>();
  /** Dials to sites that speak HTTP/2: one is enough for all requests. */
  readonly #dials = new Map<string, Promise<unknown>>();

  /** @param options Those of HTTP/2; `idleTimeout` is for both. */
  constructor(options: Http2ConnectionsOptions) {
    this.#http1 = new ConnectionPool({ idleTimeout: options.idleTimeout });
    this.#http2 = new Http2Connections(options);
  }

  /**
   * Returns a connection that is open already, or a new one.
   *
   * @param key All that distinguishes two connections: scheme, host, port,
   * route.
   * @param options `fresh`: without an idle connection of HTTP/1.1.
   * @throws What `dial` throws.
   */
  async acquire(
    key: string,
    dial: DialSite,
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<SiteConnection> {
    const open = this.#find(key, fresh);
    if (open !== undefined) return open;
    const dialling = this.#dials.get(key);
    if (dialling !== undefined) {
      await dialling;
      const opened = this.#http2.find(key);
      if (opened !== undefined) return begun(opened);
    }
    return await this.#dial(key, dial);
  }

  /** The site of `key` wants HTTP/1.1, though it has chosen HTTP/2. */
  requireHttp1(key: string): void {
    remember(this.#requireHttp1, key);
  }

  /** Closes the connections that have no request, and those of HTTP/2. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.#http1[Symbol.asyncDispose](),
      this.#http2[Symbol.asyncDispose](),
    ]);
  }

  #find(key: string, fresh: boolean): SiteConnection | undefined {
    const mayShare = !this.#requireHttp1.has(key);
    const http2 = mayShare ? this.#http2.find(key) : undefined;
    if (http2 !== undefined) return begun(http2);
    const http1 = fresh ? undefined : this.#http1.take(key);
    return http1 && { protocol: "http/1.1", http1 };
  }

  async #dial(key: string, dial: DialSite): Promise<SiteConnection> {
    if (this.#requireHttp1.has(key)) return this.#add(key, await dial(HTTP1));
    if (!this.#speakHttp2.has(key)) return this.#add(key, await dial(ANY));
    const opening = dial(ANY).then((stream) => this.#add(key, stream));
    const settled = opening.then(nothing, nothing);
    this.#dials.set(key, settled);
    try {
      return await opening;
    } finally {
      if (this.#dials.get(key) === settled) this.#dials.delete(key);
    }
  }

  #add(key: string, stream: ByteStream): SiteConnection {
    if (stream.alpnProtocol !== "h2") {
      this.#speakHttp2.delete(key);
      return { protocol: "http/1.1", http1: this.#http1.add(key, stream) };
    }
    remember(this.#speakHttp2, key);
    // Another request may have opened one meanwhile; nothing was said on this one.
    const opened = this.#http2.find(key);
    if (opened !== undefined) closeQuietly(stream);
    return begun(opened ?? this.#http2.add(key, stream));
  }
}

/** At once: many requests may look for a place before the first one is sent. */
function begun(http2: Http2Site): SiteConnection {
  return { protocol: "h2", http2, reused: http2.begin() };
}

function remember(keys: Set<string>, key: string): void {
  if (keys.size >= MAX_KNOWN) keys.clear();
  keys.add(key);
}

function nothing(): void {}
