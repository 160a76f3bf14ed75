/**
 * A relay between two ends of a TCP connection: the place where tests cut,
 * stall and delay.
 *
 * On `node:net`, because a reset takes `SO_LINGER`, which native sockets do not
 * offer.
 *
 * @module
 */
import { connect, createServer, type Server, type Socket } from "node:net";

/** What waits on one direction; beyond it the sender is held back, as a long wire would. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** What a relay connects to and how. */
export interface RelayOptions {
  readonly hostname?: string;
  /** Milliseconds that bytes take in each direction. */
  readonly delay?: number;
}

interface Waiting {
  readonly due: number;
  readonly bytes: number;
  readonly deliver: () => void;
}

/** One direction: what goes in comes out in order, `delay` milliseconds later. */
class DelayLine {
  readonly #delay: number;
  readonly #queue: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  queuedBytes = 0;

  constructor(delay: number) {
    this.#delay = delay;
  }

  push(bytes: number, deliver: () => void): void {
    if (this.#delay === 0) return deliver();
    this.#queue.push({ due: performance.now() + this.#delay, bytes, deliver });
    this.queuedBytes += bytes;
    this.#schedule();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#queue.length = 0;
  }

  #schedule(): void {
    const [next] = this.#queue;
    if (next === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#deliver();
      this.#schedule();
    }, Math.max(0, next.due - performance.now()));
  }

  #deliver(): void {
    const now = performance.now();
    for (
      let [next] = this.#queue;
      next !== undefined && next.due <= now;
      [next] = this.#queue
    ) {
      this.#queue.shift();
      this.queuedBytes -= next.bytes;
      next.deliver();
    }
  }
}

/** One connection through a relay. */
export interface RelayedConnection {
  /** Resets it in both directions, in the middle of whatever it carries. */
  cut(): void;
}

/** A port that leads to another port. */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #delay: number;
  readonly #sockets = new Set<Socket>();
  readonly #connections: RelayedConnection[] = [];
  #paused = false;

  private constructor(port: number, { hostname, delay }: RelayOptions) {
    this.#target = { host: hostname ?? "127.0.0.1", port };
    this.#delay = delay ?? 0;
    this.#server = createServer(
      { allowHalfOpen: true, noDelay: true },
      (socket) => this.#link(socket),
    );
  }

  /** Starts a relay to `port`. */
  static async start(
    port: number,
    options: RelayOptions = {},
  ): Promise<Relay> {
    const relay = new Relay(port, options);
    await new Promise<void>((resolve) =>
      relay.#server.listen(0, "127.0.0.1", resolve)
    );
    return relay;
  }

  /** The port to connect to. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") {
      throw new Error("The relay listens on no TCP port");
    }
    return address.port;
  }

  /** All connections so far, in the order in which they came in. */
  get connections(): readonly RelayedConnection[] {
    return this.#connections;
  }

  /** How many connections came in so far. */
  get accepted(): number {
    return this.#connections.length;
  }

  /** How many connections are open now. */
  get open(): number {
    return this.#sockets.size / 2;
  }

  /** Resets all connections in both directions; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Nothing passes any more, and no end notices: a pulled cable. */
  pause(): void {
    this.#paused = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What waited passes. */
  resume(): void {
    this.#paused = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #link(near: Socket): void {
    const far = connect({
      ...this.#target,
      allowHalfOpen: true,
      noDelay: true,
    });
    this.#connections.push({
      cut() {
        near.resetAndDestroy();
        far.resetAndDestroy();
      },
    });
    this.#flow(near, far);
    this.#flow(far, near);
  }

  #flow(from: Socket, to: Socket): void {
    const line = new DelayLine(this.#delay);
    this.#sockets.add(from);
    from.on("data", (chunk) => {
      line.push(chunk.byteLength, () => {
        const isBehind = !to.write(chunk) && to.writable;
        if (isBehind) to.once("drain", () => this.#flowing(from, line));
        if (isBehind) from.pause();
        else this.#flowing(from, line);
      });
      if (line.queuedBytes > MAX_QUEUED_BYTES) from.pause();
    });
    from.on("end", () => line.push(0, () => to.end()));
    from.on("error", () => to.resetAndDestroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      if (!from.readableEnded) to.resetAndDestroy();
    });
    to.on("close", () => line.clear());
    if (this.#paused) from.pause();
  }

  #flowing(from: Socket, line: DelayLine): void {
    if (this.#paused || line.queuedBytes > MAX_QUEUED_BYTES) return;
    from.resume();
  }
}
