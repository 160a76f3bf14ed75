// A session without a connection. A test opens and ends its exchanges.
import type { Handler } from "../../src/http/exchange.ts";
import type { SessionStats, TunnelSession } from "../../src/tunnel/session.ts";

/** Behaves like a session, but carries nothing. */
export class FakeSession implements TunnelSession {
  readonly id: string = crypto.randomUUID();
  readonly remote = "192.0.2.1:40000";
  readonly openedAt = 0;
  readonly stats: SessionStats = {
    bytesSent: 0,
    bytesReceived: 0,
    roundTripTime: undefined,
  };
  readonly done: Promise<void>;
  openExchanges = 0;
  acceptsExchanges = true;
  isBulky = false;
  hasRoom = true;
  owesReply = false;
  silence = 0;
  lag = 0;
  readonly #done = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();

  constructor() {
    this.done = this.#done.promise;
  }

  readonly handler: Handler = () =>
    Promise.reject(new TypeError("Cannot send through a fake session"));

  check(): void {}

  carriesBulk(): boolean {
    return this.isBulky;
  }

  /** Ends one exchange. */
  finishExchange(): void {
    this.openExchanges -= 1;
    if (this.openExchanges === 0 && !this.acceptsExchanges) this.#close();
  }

  /** Fails as a session does whose connection was cut. */
  cut(): void {
    this.openExchanges = 0;
    this.#done.reject(new Error("Cannot go on: the connection was reset"));
    this.#closed.resolve();
  }

  drain(): Promise<void> {
    this.acceptsExchanges = false;
    if (this.openExchanges === 0) this.#close();
    return this.#closed.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.openExchanges = 0;
    this.#close();
    return this.#closed.promise;
  }

  #close(): void {
    this.#done.resolve();
    this.#closed.resolve();
  }
}
