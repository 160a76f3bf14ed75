/**
 * All nodes of one server on one machine, as one of them sees them. Each has a
 * link to each other. An exchange for a tunnel without a session here goes over
 * one link to a node that holds the tunnel, never over two.
 */
import type { ProxyRequest, ProxyResponse } from "../http/exchange.ts";
import { logger } from "../log/log.ts";
import { abortable } from "../async/abortable.ts";
import { sleep } from "../async/timer.ts";
import { TunnelError } from "../tunnel/errors.ts";
import type { SessionContext } from "../tunnel/session.ts";
import { type FindSession, holderOf, hop } from "./hop.ts";
import { NodeLink } from "./node_link.ts";
import type { NodePlaces } from "./node_places.ts";
import { NodeServer } from "./node_server.ts";
import { Presence } from "./presence.ts";

/** How often other nodes are looked for, in milliseconds. */
const SEARCH_INTERVAL = 500;
/** Most other nodes: a full mesh of more has too many links. */
const MAX_PEERS = 63;

const log = logger("server");

/** Options of {@linkcode NodeMesh}. */
export interface NodeMeshOptions {
  readonly places: NodePlaces;
  /** The name of this node: 1 to 32 lower-case letters, digits or `-`. */
  readonly name: string;
  /** The sessions that this node holds. */
  readonly find: FindSession;
  /** Chooses among nodes: 0 (included) to 1 (not). */
  readonly random?: () => number;
}

/** The links of one node, until it is disposed. */
export class NodeMesh implements AsyncDisposable {
  /** What this node tells the others. */
  readonly presence: Presence = new Presence();
  readonly #options: NodeMeshOptions;
  readonly #server: NodeServer;
  readonly #links = new Map<string, NodeLink>();
  readonly #waiting = new Set<() => void>();
  readonly #stopping = new AbortController();
  readonly #searching: Promise<void>;

  /** Opens the socket of this node. @throws {ListenError} When it cannot be opened. */
  constructor(options: NodeMeshOptions) {
    this.#options = options;
    const { places, name, find } = options;
    this.#server = new NodeServer(places.listen(name), {
      presence: this.presence,
      handlerOf: holderOf(find),
      onError: (error) => log.error("failed to serve another node", { error }),
    });
    this.#searching = this.#search();
  }

  /** The names of the nodes that are linked and have said what they hold, in order. */
  get linked(): readonly string[] {
    return [...this.#links.values()].filter(({ isReady }) => isReady)
      .map(({ name }) => name).toSorted();
  }

  /** The names of the linked nodes that hold a tunnel, in order. */
  holders(tunnelId: string): readonly string[] {
    return [...this.#links.values()].filter((link) => link.holds(tunnelId))
      .map(({ name }) => name).toSorted();
  }

  /** The names of the linked nodes that take exchanges for a tunnel, in order. */
  takers(tunnelId: string): readonly string[] {
    return [...this.#links.values()].filter((link) => link.takes(tunnelId))
      .map(({ name }) => name).toSorted();
  }

  /** How many exchanges run at a linked node, as it has said last. */
  loadOf(name: string): number {
    return this.#links.get(name)?.exchanges ?? 0;
  }

  /**
   * Sends an exchange to a node that holds the tunnel: of two that chance
   * chooses, the one with fewer exchanges.
   *
   * @throws {TunnelError} As a session of the tunnel would. `lost`, and it may be tried again, when no linked node holds it.
   */
  async send(
    request: ProxyRequest,
    context: SessionContext & { readonly tunnelId: string },
  ): Promise<ProxyResponse> {
    const session = this.#pick(context.tunnelId)?.session;
    if (session !== undefined) return await hop(session, request, context);
    context.onClosed?.(false);
    throw new TunnelError("lost", "Cannot find a node that holds the tunnel", {
      retryable: true,
      isUnsent: true,
    });
  }

  /** Resolves when `holds` is true; it is asked again whenever something changes. */
  async until(
    holds: () => boolean,
    signal: AbortSignal = this.#stopping.signal,
  ): Promise<void> {
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      try {
        await abortable(promise, signal);
      } finally {
        this.#waiting.delete(resolve);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#searching;
    await Promise.all([
      this.#server[Symbol.asyncDispose](),
      ...[...this.#links.values()].map((link) => link[Symbol.asyncDispose]()),
    ]);
  }

  #pick(tunnelId: string): NodeLink | undefined {
    const { random = Math.random } = this.#options;
    const links = [...this.#links.values()]
      .filter((link) => link.takes(tunnelId));
    const first = Math.floor(random() * links.length);
    const step = 1 + Math.floor(random() * (links.length - 1));
    const one = links[first];
    const other = links[(first + step) % links.length];
    if (one === undefined || other === undefined) return one;
    return other.exchanges < one.exchanges ? other : one;
  }

  async #search(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#meet(await this.#options.places.names());
      } catch (error) {
        log.error("failed to look for other nodes", { error });
      }
      await sleep(SEARCH_INTERVAL, signal).catch(() => {});
    }
  }

  async #meet(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const isKnown = name === this.#options.name || this.#links.has(name);
      if (isKnown || this.#links.size >= MAX_PEERS) continue;
      this.#links.set(name, this.#link(name));
    }
    for (const [name, link] of [...this.#links]) {
      // A crash leaves a place without a node; a node that has ended has left none.
      if (names.includes(name) || link.isReady) continue;
      this.#links.delete(name);
      await link[Symbol.asyncDispose]();
    }
  }

  #link(name: string): NodeLink {
    return new NodeLink({
      name,
      dial: () => this.#options.places.dial(name),
      onChange: () => this.#wake(),
      onLoss: (cause) =>
        log.debug("link to another node lost", { name, cause: String(cause) }),
    });
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
