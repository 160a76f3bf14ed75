/** Chooses how the bytes of a session pass the network. */
import { abortable } from "../../async/abortable.ts";
import { deadline } from "../../async/timer.ts";
import { logger } from "../../log/log.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { prefixedStream } from "../../net/stream/prefixed_stream.ts";
import { TunnelError } from "../../tunnel/errors.ts";
import type { TransportChoice, TunnelTransport } from "../../tunnel/upgrade.ts";

/**
 * Dials, and upgrades the connection.
 *
 * @throws {TunnelError} When the Upgrade fails.
 * @throws {DialError} When there is no connection: that is not the transport's fault.
 */
export type OpenTransport = (
  transport: TunnelTransport,
  signal: AbortSignal,
) => Promise<ByteStream>;

/** Options of {@linkcode Transports}. */
export interface TransportOptions {
  readonly choice: TransportChoice;
  readonly open: OpenTransport;
  /** How long the server's first bytes may take, in milliseconds. */
  readonly timeout: number;
}

/** The server's first bytes, its preface and settings, are far fewer. */
const FIRST_BYTES = 4 * 1024;

const log = logger("tunnel");

/** Opens the connections of one tunnel, by the transport that works. */
export class Transports {
  readonly #options: TransportOptions;
  /** The last one that worked. */
  #known: TunnelTransport | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** @throws What {@linkcode OpenTransport} throws. */
  async open(signal: AbortSignal): Promise<ByteStream> {
    const { choice, open } = this.#options;
    if (choice !== "auto") {
      const stream = await open(choice, signal);
      this.#worked(choice);
      return stream;
    }
    const first = this.#known ?? "direct";
    try {
      return await this.#try(first, signal);
    } catch (cause) {
      if (signal.aborted || !this.#mayBeBlocked(cause)) throw cause;
      return await this.#tryOther(first, cause, signal);
    }
  }

  async #tryOther(
    failed: TunnelTransport,
    why: TunnelError,
    signal: AbortSignal,
  ): Promise<ByteStream> {
    const other = failed === "direct" ? "websocket" : "direct";
    try {
      return await this.#try(other, signal, why.message);
    } catch (cause) {
      // The second one says more when it has reached a server.
      const isReached = cause instanceof TunnelError &&
        (cause.code === "refused" || cause.code === "versionMismatch");
      throw isReached ? cause : why;
    }
  }

  async #try(
    transport: TunnelTransport,
    signal: AbortSignal,
    reason?: string,
  ): Promise<ByteStream> {
    const stream = await this.#options.open(transport, signal);
    // A network may pass the Upgrade, and nothing that follows.
    const tried = this.#known === transport
      ? stream
      : await this.#withFirstBytes(stream, signal);
    this.#worked(transport, reason);
    return tried;
  }

  async #withFirstBytes(
    stream: ByteStream,
    signal: AbortSignal,
  ): Promise<ByteStream> {
    const first = new Uint8Array(FIRST_BYTES);
    try {
      const count = await deadline(
        abortable(stream.read(first), signal),
        this.#options.timeout,
      );
      if (count === null) throw new Error("the server closed the connection");
      return prefixedStream(first.subarray(0, count), stream);
    } catch (cause) {
      closeQuietly(stream);
      const why = cause instanceof Error ? cause.message : String(cause);
      const text = `Cannot open a session: nothing passes the Upgrade: ${why}`;
      throw new TunnelError("lost", text, { retryable: true, cause });
    }
  }

  /** Whether another transport may pass: one that has worked fails for other reasons, too. */
  #mayBeBlocked(cause: unknown): cause is TunnelError {
    if (!(cause instanceof TunnelError)) return false;
    return cause.code === "notSallyport" ||
      cause.code === "lost" && this.#known === undefined;
  }

  #worked(transport: TunnelTransport, reason?: string): void {
    if (this.#known === transport) return;
    this.#known = transport;
    const fields = { transport, ...reason !== undefined && { reason } };
    // The usual one needs no line.
    const level = transport === "direct" ? "debug" : "info";
    log[level]("transport of the tunnel", fields);
  }
}
