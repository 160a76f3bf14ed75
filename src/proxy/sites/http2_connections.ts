import { startHttp2Client } from "../../http2/client.ts";
import type { Http2Client } from "../../http2/api.ts";
import type { Http2Options } from "../../http2/options.ts";
import type { ByteStream } from "../../net/stream/byte_stream.ts";
import { ResettableTimer } from "../../http1/resettable_timer.ts";

/** Limits of {@linkcode Http2Connections}. */
export interface Http2ConnectionsOptions {
  /** How long a connection without a request is kept, in milliseconds. */
  readonly idleTimeout: number;
  /** Requests on one connection at once, if the site allows as many. Default 100: what RFC 9113 §6.5.2 advises sites to allow at least. */
  readonly maxRequests?: number;
  /** Largest field section of a response, in octets of HTTP/2. */
  readonly maxFieldSectionSize?: number;
  /** Idle connections that are kept. Default 256: as many sites as a large test run visits at once. */
  readonly maxIdle?: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/**
 * What a site may make us keep of what browsers do not read. No PING is sent on
 * a silent connection: gRPC servers end connections over that.
 */
const SITE_OPTIONS: Http2Options = {
  connectionWindow: 1024 * 1024,
  maxWindow: 4 * 1024 * 1024,
  maxGrowth: 8 * 1024 * 1024,
  // 100 streams that nobody reads, and all growth.
  maxUnread: 34 * 1024 * 1024,
};

/**
 * A connection that has brought nothing for so long after a request, in
 * milliseconds, may be dead: further requests get another one. A site that is
 * only slow has two connections then.
 */
const SILENCE = 5_000;

/** A connection to a site, for many requests at once. */
export class Http2Site {
  readonly client: Http2Client;
  /** Closes the connection when it has been idle for long enough. */
  readonly idleTimer: ResettableTimer;
  readonly #onIdle: (site: Http2Site) => void;
  readonly #now: () => number;
  #requests = 0;
  #wasUsed = false;
  #isGivenUp = false;
  /** Bytes that the site had sent when it got the request of `#askedAt`: the first one after its last byte. */
  #received = -1;
  #askedAt = 0;

  /** @param options `onIdle` is called when the last request is over; `now` gives milliseconds of a monotonic clock. */
  constructor(client: Http2Client, { onIdle, now }: {
    readonly onIdle: (site: Http2Site) => void;
    readonly now: () => number;
  }) {
    this.client = client;
    this.#onIdle = onIdle;
    this.#now = now;
    this.idleTimer = new ResettableTimer(() => this.close());
  }

  /** Whether it has no request. */
  get isIdle(): boolean {
    return this.#requests === 0;
  }

  /** Whether it takes another request beside at most `most` others. */
  hasRoom(most: number): boolean {
    const { acceptsStreams, peerSettings } = this.client;
    const limit = Math.min(most, peerSettings.maxConcurrentStreams);
    return acceptsStreams && !this.#isGivenUp && this.#requests < limit &&
      !this.#isSilent();
  }

  #isSilent(): boolean {
    return !this.isIdle && this.client.stats.bytesReceived === this.#received &&
      this.#now() - this.#askedAt > SILENCE;
  }

  /** Counts a request. @returns Whether there was one before, so that the site may have closed the connection. */
  begin(): boolean {
    const wasUsed = this.#wasUsed;
    this.#wasUsed = true;
    const received = this.client.stats.bytesReceived;
    if (received !== this.#received || this.isIdle) {
      this.#received = received;
      this.#askedAt = this.#now();
    }
    this.#requests++;
    this.idleTimer.clear();
    return wasUsed;
  }

  /** The request is over: called once for each {@linkcode begin}. */
  release(): void {
    this.#requests--;
    if (this.isIdle) this.#onIdle(this);
  }

  /** The site refuses requests on it: further ones get another connection. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** Ends the connection. */
  close(): void {
    void this.client[Symbol.asyncDispose]();
  }
}

/**
 * HTTP/2 connections to sites by key. A request gets the oldest one with room,
 * so that the others become idle and are closed.
 */
export class Http2Connections implements AsyncDisposable {
  readonly #options: Http2Options;
  readonly #idleTimeout: number;
  readonly #maxRequests: number;
  readonly #maxIdle: number;
  readonly #now: () => number;
  readonly #open = new Map<string, Http2Site[]>();
  #isClosed = false;

  constructor(
    {
      idleTimeout,
      maxRequests = 100,
      maxIdle = 256,
      now = () => performance.now(),
      ...limits
    }: Http2ConnectionsOptions,
  ) {
    this.#options = { ...SITE_OPTIONS, ...limits };
    this.#now = now;
    this.#idleTimeout = idleTimeout;
    this.#maxRequests = maxRequests;
    this.#maxIdle = maxIdle;
  }

  /** A connection for `key` with room for another request, if there is one. */
  find(key: string): Http2Site | undefined {
    return this.#open.get(key)?.find((site) => site.hasRoom(this.#maxRequests));
  }

  /** Speaks HTTP/2 on `stream`, which is a new connection for `key`. */
  add(key: string, stream: ByteStream): Http2Site {
    const client = startHttp2Client(stream, this.#options);
    const site = new Http2Site(client, {
      onIdle: this.#onIdle,
      now: this.#now,
    });
    const open = this.#open.get(key);
    if (open === undefined) this.#open.set(key, [site]);
    else open.push(site);
    const remove = () => this.#remove(key, site);
    client.done.then(remove, remove);
    if (this.#isClosed) site.close();
    return site;
  }

  /** Ends all connections, those with requests too. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      this.#all().map(({ client }) => client[Symbol.asyncDispose]()),
    );
  }

  readonly #onIdle = (site: Http2Site): void => {
    const idle = this.#all().filter(({ isIdle }) => isIdle).length;
    if (this.#isClosed || idle > this.#maxIdle) site.close();
    else site.idleTimer.set(this.#idleTimeout);
  };

  #remove(key: string, site: Http2Site): void {
    site.idleTimer[Symbol.dispose]();
    const others = this.#open.get(key)?.filter((each) => each !== site) ?? [];
    if (others.length === 0) this.#open.delete(key);
    else this.#open.set(key, others);
  }

  #all(): readonly Http2Site[] {
    return [...this.#open.values()].flat();
  }
}
