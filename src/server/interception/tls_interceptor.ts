// Intercepts the TLS of a browser: accepts its CONNECT, terminates TLS with a
// certificate for that host, and passes the requests inside to a handler.
import type {
  ConnectRequest,
  ExchangeContext,
  Handler,
  StreamResponse,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import {
  fieldSectionSize,
  REQUEST_LIMITS,
} from "../../http1/parse/header_limits.ts";
import { serveHttp1 } from "../../http1/server/serve.ts";
import type { RequestHeaders } from "../../http_server/http_server.ts";
import { logger } from "../../log/log.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { peek } from "../../net/stream/peek.ts";
import { pipe } from "../../net/stream/pipe.ts";
import { streamPair } from "../../net/stream/stream_pair.ts";
import {
  type TerminatedTls,
  terminateTls,
} from "../../net/tls/tls_terminator.ts";
import { parseAuthority } from "./check_authority.ts";
import type { LeafCertificates } from "./leaf_certificates.ts";
import { serveHttp2 } from "../../http_server/serve_http2.ts";

/** First byte of a TLS handshake (RFC 8446 §5.1). */
const HANDSHAKE = 0x16;

const log = logger("proxy");

/** Options of {@linkcode TlsInterceptor}. */
export interface TlsInterceptorOptions {
  readonly leaves: Pick<LeafCertificates, "identityOf">;
  /**
   * How long to wait for the first byte, in milliseconds. Default 3 s. Browsers
   * send it at once. Where the server speaks first (mail), TLS does not follow.
   */
  readonly firstByteTimeout?: number;
  /** Limits of the requests inside. */
  readonly headers?: RequestHeaders | undefined;
}

/** How a CONNECT is intercepted. */
export interface InterceptedConnect {
  readonly context: ExchangeContext;
  /** The owner of the tunnel. */
  readonly owner: string;
  /** Makes the handler for the requests inside, by their protocol. It never throws. */
  readonly inside: (protocol: TerminatedTls["protocol"]) => Handler;
  /** Handles the CONNECT itself when it turns out not to carry TLS. It never throws. */
  readonly passthrough: Handler;
  /** Shuts the connection down cleanly when aborted. */
  readonly signal: AbortSignal;
}

/** Intercepts TLS. Disposing waits for the end of all intercepted connections. */
export class TlsInterceptor implements AsyncDisposable {
  readonly #leaves: Pick<LeafCertificates, "identityOf">;
  readonly #firstByteTimeout: number;
  readonly #headers: RequestHeaders;
  readonly #open = new Set<Promise<void>>();

  constructor(
    { leaves, firstByteTimeout = 3_000, headers = {} }: TlsInterceptorOptions,
  ) {
    this.#leaves = leaves;
    this.#headers = headers;
    this.#firstByteTimeout = firstByteTimeout;
  }

  /** Accepts `request`: responds with a connection whose other end is served here. */
  open(request: ConnectRequest, how: InterceptedConnect): StreamResponse {
    const [stream, ours] = streamPair();
    const served = this.#serve(ours, request, how)
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
    how: InterceptedConnect,
  ): Promise<void> {
    try {
      const { first, stream } = await peek(conn, this.#firstByteTimeout);
      if (first === "end") return;
      if (first === HANDSHAKE) await this.#serveTls(stream, request, how);
      else await passThrough(stream, request, how);
    } catch (cause) {
      log.info("TLS interception failed", {
        id: how.context.id,
        host: request.authority,
        cause: String(cause),
      });
    } finally {
      closeQuietly(conn);
    }
  }

  async #serveTls(
    conn: ByteStream,
    request: ConnectRequest,
    { context, owner, inside, signal }: InterceptedConnect,
  ): Promise<void> {
    const { hostname } = parseAuthority(request.authority);
    const identity = await this.#leaves.identityOf(hostname, owner);
    const { stream, protocol } = await terminateTls(conn, { identity, signal });
    let exchanges = 0;
    const exchangeId = () => `${context.id}.${++exchanges}`;
    const handler = inside(protocol);
    if (protocol === "h2") {
      return await serveHttp2(stream, handler, {
        ...{ signal, exchangeId },
        errorField: this.#headers.errorField,
        http2: {
          maxFieldSectionSize: fieldSectionSize(
            this.#headers.headerLimits ?? REQUEST_LIMITS,
          ),
        },
      });
    }
    await serveHttp1(stream, handler, {
      ...this.#headers,
      ...{ signal, scheme: "https", exchangeId },
    });
  }
}

/** Pipes bytes that are not TLS, as for any CONNECT. */
async function passThrough(
  conn: ByteStream,
  request: ConnectRequest,
  { context, passthrough }: InterceptedConnect,
): Promise<void> {
  const response = await passthrough(request, context);
  if (response.kind === "stream") await pipe(conn, response.stream);
  // The 200 was sent already: all that is left is to close.
  else response.body?.cancel();
}
