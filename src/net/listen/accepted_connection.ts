import { type ByteStream, closeQuietly } from "../stream/byte_stream.ts";
import { type Address, formatAddress } from "../address/address.ts";
import { networkOf } from "../address/network_of.ts";
import { setTcpOptions } from "../stream/tcp_options.ts";

/** What a listener gives: a TCP connection, or one on a Unix socket. */
export type ListenerConn = Deno.TcpConn | Deno.UnixConn;

/**
 * Why a connection is not served:
 *
 * - `total`, `port`, `address`: that limit is reached, and no pending
 *   connection can give way.
 * - `gave_way`: it was pending, and its address had the most of those.
 * - `proxy_header`: its PROXY header is wrong, missing or late.
 * - `tls_timeout`: its TLS handshake took too long.
 * - `login_timeout`: it was pending for too long.
 * - `silent`: it was silent in both directions for too long.
 */
export type RefusalReason =
  | "total"
  | "port"
  | "address"
  | "gave_way"
  | "proxy_header"
  | "tls_timeout"
  | "login_timeout"
  | "silent";

/** What happens to a connection, for its counters. */
export interface ConnectionEvents {
  /** The peer has shown that it may be here. Called once. */
  onAdmit(connection: AcceptedConnection): void;
  /**
   * The connection has another address than it was counted by.
   *
   * @param before The network that it was counted by.
   * @returns Whether it may stay; else it is refused.
   */
  onMove(connection: AcceptedConnection, before: string): boolean;
  /** The connection is about to be closed for this reason, `detail` with what is wrong in words. Called once. */
  onRefuse(
    connection: AcceptedConnection,
    reason: RefusalReason,
    detail?: string,
  ): void;
}

/**
 * A connection that a peer made to us.
 *
 * It is _pending_ until the peer has shown that it may be here: pending
 * connections have a time limit, and give way when there are too many
 * ({@linkcode ConnectionLimits}).
 */
export class AcceptedConnection implements ByteStream {
  /** Name of the port it came in by, such as `proxy`; a label of metrics. */
  readonly port: string;
  /** Whether a trusted proxy has opened it. */
  readonly isProxied: boolean;
  /** When it was accepted, in milliseconds of the acceptor's clock. */
  readonly openedAt: number;
  readonly #conn: ListenerConn;
  #address: string;
  #peer: string;
  #network: string;
  #isOfProxy: boolean;
  #isAdmitted = false;
  #isClosed = false;
  readonly #closing = new AbortController();
  #operations = 0;
  #unread: Uint8Array | undefined;
  #events: ConnectionEvents | undefined;

  constructor(
    conn: ListenerConn,
    { port, openedAt, isProxied = false }: {
      readonly port: string;
      readonly openedAt: number;
      readonly isProxied?: boolean;
    },
  ) {
    const { remoteAddr } = conn;
    this.#conn = conn;
    this.port = port;
    this.openedAt = openedAt;
    this.isProxied = isProxied;
    this.#isOfProxy = isProxied;
    const isTcp = remoteAddr.transport === "tcp";
    this.#address = isTcp ? remoteAddr.hostname : "";
    this.#peer = isTcp ? formatAddress(remoteAddr) : "unknown";
    this.#network = networkOf(this.#address);
    if ("setNoDelay" in conn) setTcpOptions(conn);
  }

  /** IP address of the peer; empty on a Unix socket. */
  get address(): string {
    return this.#address;
  }

  /** Address and port of the peer for log lines. */
  get peer(): string {
    return this.#peer;
  }

  /** What the peer's connections are counted by. */
  get network(): string {
    return this.#network;
  }

  /** Whether its address is that of a trusted proxy, and the client's is not known. */
  get isOfProxy(): boolean {
    return this.#isOfProxy;
  }

  /** Our IP address of the connection; empty on a Unix socket. */
  get localAddress(): string {
    const { localAddr } = this.#conn;
    return localAddr.transport === "tcp" ? localAddr.hostname : "";
  }

  /** Whether the peer has shown that it may be here. */
  get isAdmitted(): boolean {
    return this.#isAdmitted;
  }

  /** Whether it was closed here. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Aborted when the connection is closed on our side, which a pending write does not notice. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** How many reads and writes were begun: it stands still while the peer sends and takes nothing. */
  get operations(): number {
    return this.#operations;
  }

  /** Counts the connection. */
  set events(events: ConnectionEvents) {
    this.#events = events;
  }

  /** The peer has given credentials that are right, or needs none. */
  admit(): void {
    if (this.#isAdmitted) return;
    this.#isAdmitted = true;
    this.#events?.onAdmit(this);
  }

  /**
   * The whole connection is that of another peer, as a trusted proxy says. It is
   * counted and limited by that address from now on.
   *
   * @param source Port 0 where it is not known.
   * @returns Whether it may stay: `false` when it was refused.
   */
  speakFor(source: Address): boolean {
    const before = this.#network;
    this.#isOfProxy = false;
    this.#address = source.hostname;
    this.#peer = source.port === 0 ? source.hostname : formatAddress(source);
    this.#network = networkOf(source.hostname);
    if (this.#network === before) return true;
    if (this.#events?.onMove(this, before) ?? true) return true;
    this.refuse("address");
    return false;
  }

  /** Closes a connection that will not be served, or not any more. */
  refuse(reason: RefusalReason, detail?: string): void {
    if (this.#isClosed) return;
    this.#events?.onRefuse(this, reason, detail);
    this.close();
  }

  /** Gives bytes back that were read: they are read again first. */
  unread(bytes: Uint8Array): void {
    const later = this.#unread;
    this.#unread = later === undefined ? bytes : joined(bytes, later);
  }

  read(into: Uint8Array): Promise<number | null> {
    this.#operations += 1;
    const unread = this.#unread;
    return unread === undefined
      ? this.#conn.read(into)
      : Promise.resolve(this.#readAgain(unread, into));
  }

  write(bytes: Uint8Array): Promise<number> {
    this.#operations += 1;
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  /** Ends both directions and frees the file. Closing twice does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closing.abort(
      new DOMException("The connection was closed", "AbortError"),
    );
    closeQuietly(this.#conn);
  }

  #readAgain(unread: Uint8Array, into: Uint8Array): number {
    const piece = unread.subarray(0, into.length);
    into.set(piece);
    const rest = unread.subarray(piece.length);
    this.#unread = rest.length === 0 ? undefined : rest;
    return piece.length;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
