/**
 * The link that this node has dialled to another one. It sends exchanges for
 * tunnels that the other one holds, and hears which these are. All that is known
 * of the other node goes with the link: nobody keeps what a dead node said.
 */
import { Backoff } from "../async/backoff.ts";
import type { Running } from "../async/running.ts";
import { sleep } from "../async/timer.ts";
import { Fields } from "../http/fields.ts";
import { openSession } from "../tunnel/open_session.ts";
import type { TunnelSession } from "../tunnel/session.ts";
import type { SilenceLimits } from "../tunnel/silence.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import { PeerPresence, readPresence } from "./presence_reader.ts";

/** The host of the request for what a node holds: nobody owns the top-level domain (RFC 2606 §2). */
export const PRESENCE_HOST = "presence.sallyport.invalid";

/** A hung node is noticed after 2 s and given up after 5 s. */
export const LINK_SILENCE: SilenceLimits = {
  pingInterval: 2_000,
  pingTimeout: 3_000,
  overdueAfter: 1_000,
};

/** Options of {@linkcode NodeLink}. */
export interface NodeLinkOptions {
  /** The other node. */
  readonly name: string;
  /** Connects to it. */
  readonly dial: () => Promise<ByteStream>;
  /** Called when the link has come, has gone, and when the other node has said something. */
  readonly onChange: () => void;
  /** Called with why a link ended, or could not be opened. */
  readonly onLoss: (cause: unknown) => void;
}

interface OpenLink {
  readonly session: TunnelSession;
  readonly peer: PeerPresence;
}

/** A link, which is dialled again until it is disposed. */
export class NodeLink implements Running {
  readonly name: string;
  readonly done: Promise<void>;
  readonly #options: NodeLinkOptions;
  readonly #stopping = new AbortController();
  #open: OpenLink | undefined;
  #opened = 0;

  constructor(options: NodeLinkOptions) {
    this.name = options.name;
    this.#options = options;
    this.done = this.#run();
  }

  /** Whether it is open, and the other node has said what it holds. */
  get isReady(): boolean {
    return this.#open?.peer.isComplete === true;
  }

  /** Exchanges that run at the other node. */
  get exchanges(): number {
    return this.#open?.peer.exchanges ?? 0;
  }

  /** Whether the other node holds the tunnel and takes exchanges. */
  takes(tunnelId: string): boolean {
    const open = this.#open;
    return open !== undefined && open.peer.held.has(tunnelId) &&
      !open.peer.isDraining && open.session.acceptsExchanges &&
      !open.session.owesReply;
  }

  /** Whether the other node holds the tunnel. */
  holds(tunnelId: string): boolean {
    return this.#open?.peer.held.has(tunnelId) ?? false;
  }

  /** Where exchanges are sent; `undefined` while it is not open. */
  get session(): TunnelSession | undefined {
    return this.#open?.session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#open?.session[Symbol.asyncDispose]();
    await this.done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const backoff = new Backoff({ first: 20, max: 1_000 });
    while (!signal.aborted) {
      try {
        await this.#follow(await this.#options.dial(), () => backoff.reset());
      } catch (cause) {
        if (!signal.aborted) this.#options.onLoss(cause);
      }
      await sleep(backoff.next(), signal).catch(() => {});
    }
  }

  async #follow(conn: ByteStream, onOpen: () => void): Promise<void> {
    this.#opened += 1;
    const id = `${this.name}-${this.#opened}`;
    const remote = this.name;
    await using session = openSession(conn, {
      ...{ id, remote, silence: LINK_SILENCE },
    });
    if (this.#stopping.signal.aborted) return;
    const peer = new PeerPresence();
    this.#open = { session, peer };
    // Its end is the end of what is read.
    session.done.catch(() => {});
    try {
      const response = await session.handler(askForPresence(), {
        id: `presence-${id}`,
        signal: this.#stopping.signal,
        inform() {},
      });
      if (response.kind !== "response" || response.body === undefined) {
        throw new SyntaxError("Cannot follow another node: it says nothing");
      }
      await readPresence(response.body, peer, () => {
        onOpen();
        this.#options.onChange();
      });
    } finally {
      this.#open = undefined;
      this.#options.onChange();
    }
  }
}

function askForPresence() {
  return {
    kind: "request",
    method: "GET",
    scheme: "http",
    authority: PRESENCE_HOST,
    path: "/",
    fields: new Fields(),
    body: undefined,
  } as const;
}
