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
import { Wire } from "./wire.ts";

/** What a relay connects to and how. */
export interface RelayOptions {
  readonly hostname?: string;
  /** Milliseconds that bytes take in each direction. */
  readonly delay?: number;
  /** Bytes per second in each direction, for all connections together. Default: no limit. */
  readonly rate?: number;
  /** Bytes that wait in each direction before the sender is held back. Default: a long wire's. */
  readonly queue?: number;
}

/** `up`: from the end that has connected to the relay. `down`: to it. */
export type Direction = "up" | "down";

/** One connection through a relay. */
export interface RelayedConnection {
  /** Whether both ends are connected. */
  readonly isOpen: boolean;
  /** Resets it in both directions, in the middle of whatever it carries. */
  cut(): void;
  /** Holds its bytes back, and tells nobody. Default: in both directions. */
  stall(direction?: Direction): void;
  /** Lets what was held back pass. */
  resume(): void;
}

/** One direction of one connection. */
class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #wire: Wire;
  #isStalled = false;
  #isBehind = false;

  constructor(from: Socket, to: Socket, wire: Wire) {
    this.#from = from;
    this.#to = to;
    this.#wire = wire;
    from.on("data", (chunk) => {
      for (let at = 0; at < chunk.byteLength; at += wire.piece) {
        this.#pass(chunk.subarray(at, at + wire.piece));
      }
    });
    from.on("end", () => wire.push(0, () => to.end()));
    from.on("error", () => this.#end());
    from.on("close", () => {
      if (!from.readableEnded) this.#end();
    });
    to.on("close", () => wire.forget(this));
    wire.onRoom(this, () => this.#flow());
  }

  stall(): void {
    this.#isStalled = true;
    this.#from.pause();
  }

  resume(): void {
    this.#isStalled = false;
    this.#flow();
  }

  #pass(chunk: Uint8Array): void {
    this.#wire.push(chunk.byteLength, () => {
      this.#isBehind = !this.#to.write(chunk) && this.#to.writable;
      if (this.#isBehind) {
        this.#to.once("drain", () => {
          this.#isBehind = false;
          this.#flow();
        });
      }
      this.#flow();
    }, this);
    this.#flow();
  }

  #flow(): void {
    const mustWait = this.#isStalled || this.#isBehind || this.#wire.isFull;
    if (mustWait) this.#from.pause();
    else this.#from.resume();
  }

  /** A cable that carries nothing carries no reset either. */
  #end(): void {
    if (!this.#isStalled) this.#to.resetAndDestroy();
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
  readonly #options: RelayOptions;
  readonly #wires: Readonly<Record<Direction, Wire>> | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #connections: RelayedConnection[] = [];
  #isPaused = false;
  #isSilent = false;
  #silentlyAccepted = 0;

  private constructor(port: number, options: RelayOptions) {
    this.#target = { host: options.hostname ?? "127.0.0.1", port };
    this.#options = options;
    // With a rate, all connections share the wire.
    if (options.rate !== undefined) {
      this.#wires = { up: new Wire(options), down: new Wire(options) };
    }
    this.#server = createServer(
      { allowHalfOpen: true, noDelay: true },
      (socket) => this.#accept(socket),
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

  /** How many further ones lead nowhere. */
  get silentlyAccepted(): number {
    return this.#silentlyAccepted;
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
    this.#isPaused = true;
    this.forget();
  }

  /** What waited passes. */
  resume(): void {
    this.#isPaused = false;
    for (const connection of this.#connections) connection.resume();
  }

  /** Holds the connections so far back for ever; new ones pass: a NAT that has forgotten them. */
  forget(): void {
    for (const connection of this.#connections) connection.stall();
  }

  /** Accepts new connections and leads them nowhere, until that is changed. */
  acceptSilently(isSilent = true): void {
    this.#isSilent = isSilent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    for (const wire of Object.values(this.#wires ?? {})) wire.clear();
    await closed;
  }

  #accept(near: Socket): void {
    if (this.#isSilent) {
      this.#silentlyAccepted += 1;
      return this.#keep(near);
    }
    const far = connect({
      ...this.#target,
      allowHalfOpen: true,
      noDelay: true,
    });
    this.#keep(near);
    this.#keep(far);
    const { up, down } = this.#wires ?? {
      up: new Wire(this.#options),
      down: new Wire(this.#options),
    };
    const flows = {
      up: new Flow(near, far, up),
      down: new Flow(far, near, down),
    };
    const connection: RelayedConnection = {
      get isOpen() {
        return !near.destroyed && !far.destroyed;
      },
      cut() {
        near.resetAndDestroy();
        far.resetAndDestroy();
      },
      stall(direction) {
        if (direction !== "down") flows.up.stall();
        if (direction !== "up") flows.down.stall();
      },
      resume() {
        flows.up.resume();
        flows.down.resume();
      },
    };
    this.#connections.push(connection);
    if (this.#isPaused) connection.stall();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
