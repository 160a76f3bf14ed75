/**
 * Opens the TLS of a browser: answers its CONNECT, ends TLS with a certificate
 * for that host, and hands on the requests inside.
 *
 * @module
 */
import type {
  ConnectRequest,
  ExchangeContext,
  Handler,
  StreamResponse,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { serveHttp1 } from "../../http1/server/serve.ts";
import type { Logger } from "../../log/log.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { peek } from "../../net/stream/peek.ts";
import { pipe } from "../../net/stream/pipe.ts";
import { streamPair } from "../../net/stream/stream_pair.ts";
import {
  type TerminatedTls,
  terminateTls,
} from "../../net/tls/tls_terminator.ts";
import { addressOf } from "./check_authority.ts";
import type { LeafCertificates } from "./leaf_certificates.ts";
import { serveHttp2 } from "../../http_server/serve_http2.ts";

/** First byte of a TLS handshake (RFC 8446 §5.1). */
const HANDSHAKE = 0x16;
/** What TLS is opened with. */
export interface TlsInterceptorOptions {
  readonly leaves: LeafCertificates;
  readonly log: Logger;
  /**
   * How long to wait for the first byte, in milliseconds; 3 s. Browsers speak at
   * once; where the server speaks first (mail), what follows is no TLS.
   */
  readonly firstByteTimeout?: number;
}

/** What happens to a CONNECT whose TLS is opened. */
export interface InterceptedConnect {
  readonly context: ExchangeContext;
  /** Owner of the tunnel. */
  readonly owner: string;
  /** Answers the requests inside, by the protocol they come in; never throws. */
  readonly inside: (protocol: TerminatedTls["protocol"]) => Handler;
  /** Answers the CONNECT itself when it turns out not to carry TLS; never throws. */
  readonly outside: Handler;
  /** Ends the connection in order when aborted. */
  readonly signal: AbortSignal;
}

/** Opens TLS. Disposing waits until all it has opened has ended. */
export class TlsInterceptor implements AsyncDisposable {
  readonly #options: Required<TlsInterceptorOptions>;
  readonly #open = new Set<Promise<void>>();

  constructor(
    { leaves, log, firstByteTimeout = 3_000 }: TlsInterceptorOptions,
  ) {
    this.#options = { leaves, log, firstByteTimeout };
  }

  /** Answers `request` with a connection whose other end is here. */
  open(request: ConnectRequest, opened: InterceptedConnect): StreamResponse {
    const [stream, ours] = streamPair();
    const served = this.#serve(ours, request, opened)
      .finally(() => this.#open.delete(served));
    this.#open.add(served);
    return { kind: "stream", status: 200, fields: new Fields(), stream };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#open);
  }

  async #serve(
    conn: ByteStream,
    request: ConnectRequest,
    opened: InterceptedConnect,
  ): Promise<void> {
    const { log, firstByteTimeout } = this.#options;
    try {
      const { first, stream } = await peek(conn, firstByteTimeout);
      if (first === "end") return;
      if (first === HANDSHAKE) await this.#openTls(stream, request, opened);
      else await passOn(stream, request, opened);
    } catch (cause) {
      log.info("cannot open TLS of a browser", {
        id: opened.context.id,
        host: request.authority,
        cause: String(cause),
      });
    } finally {
      closeQuietly(conn);
    }
  }

  async #openTls(
    conn: ByteStream,
    request: ConnectRequest,
    { context, owner, inside, signal }: InterceptedConnect,
  ): Promise<void> {
    const { hostname } = addressOf(request.authority);
    const identity = await this.#options.leaves.identityOf(hostname, owner);
    const { stream, protocol } = await terminateTls(conn, { identity, signal });
    let exchanges = 0;
    const exchangeId = () => `${context.id}.${++exchanges}`;
    const handler = inside(protocol);
    if (protocol === "h2") {
      return await serveHttp2(stream, handler, { signal, exchangeId });
    }
    const scheme = "https";
    await serveHttp1(stream, handler, { signal, scheme, exchangeId });
  }
}

/** No TLS: bytes that nobody looks at, as for any CONNECT. */
async function passOn(
  conn: ByteStream,
  request: ConnectRequest,
  { context, outside }: InterceptedConnect,
): Promise<void> {
  const response = await outside(request, context);
  if (response.kind === "stream") await pipe(conn, response.stream);
  // The 200 is out: closing is all that can be said.
  else response.body?.cancel();
}
