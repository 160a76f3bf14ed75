/**
 * From a host name to a connection through an upstream proxy: by CONNECT
 * (RFC 9110 §9.3.6) or SOCKS 5, and TLS with the site inside it.
 */
import { deadline } from "../../async/timer.ts";
import { formatBasicCredentials } from "../../http/basic_credentials.ts";
import { Fields } from "../../http/fields.ts";
import { applyHeaderRules, type HeaderRule } from "../../http/header_rules.ts";
import { cutShort, Http1Error, malformed } from "../../http1/errors.ts";
import { BufferedReader } from "../../http1/parse/buffered_reader.ts";
import {
  type ParsedResponse,
  parseResponse,
} from "../../http1/parse/header_parser.ts";
import { readHeaderSection } from "../../http1/parse/header_reader.ts";
import { writeRequestHeader } from "../../http1/write/header_writer.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import {
  type Connect,
  type ConnectOptions,
  createConnect,
} from "../../net/dial/connect.ts";
import { DialError, dialErrorOf } from "../../net/dial_error.ts";
import { prefixedStream } from "../../net/stream/prefixed_stream.ts";
import {
  connectBySocks5,
  SocksProxyError,
} from "../../net/socks5/socks5_client.ts";
import { explainCertificate } from "../../net/tls/explain_certificate.ts";
import { startTlsClient } from "../../net/tls/start_tls_client.ts";
import { startPinnedTls, startTlsOver } from "../../net/tls/start_tls_over.ts";
import type { UpstreamProxy } from "../../net/address/upstream_proxy.ts";
import {
  CLOSED,
  loginFault,
  loginPlace,
  type NamedProxy,
  protocolOf,
  unreadableProxy,
  upstreamError,
  type UpstreamOption,
} from "./upstream_error.ts";
import { readRefusal, UpstreamRefusal } from "./upstream_refusal.ts";

/** How an upstream proxy is used. Its own certificate is always verified. */
export interface UpstreamConnectOptions extends ConnectOptions {
  /** The option that the proxies come from, for messages. */
  readonly option: UpstreamOption;
  /** How long the proxy may take to connect to a site, in milliseconds; 0 means no limit. Default 25 s. */
  readonly connectTimeout?: number;
  /** What is changed about the header of CONNECT. Default: nothing. */
  readonly connectHeaders?: readonly HeaderRule[];
}

/** Interim responses before the one to CONNECT; more are an attack. */
const MAX_INTERIM = 64;

/**
 * Opens a connection to the proxy itself, for requests in absolute form.
 *
 * @param target What is behind it, for messages.
 */
export function connectToProxy(
  proxy: UpstreamProxy,
  target: Address,
  options: UpstreamConnectOptions,
): (signal: AbortSignal, exchangeId?: string) => Promise<ByteStream> {
  const { option, unverified: _sitesOnly, pins: _too, ...rest } = options;
  const { hostname, port, protocol } = proxy;
  const secure = protocol === "https";
  return async function connectToThisProxy(signal, exchangeId) {
    const connect = createConnect({ ...rest, owner: "proxy" });
    try {
      return await connect({ hostname, port, secure }, signal, exchangeId);
    } catch (cause) {
      if (!(cause instanceof DialError) || cause.code === "aborted") {
        throw cause;
      }
      throw upstreamError(cause.code, { proxy, option }, {
        target: formatAddress(target),
        detail: cause.why,
        cause,
      });
    }
  };
}

/** A `Connect` whose connections go through `proxy`. It throws `UpstreamRefusal` too. */
export function connectThrough(
  proxy: UpstreamProxy,
  options: UpstreamConnectOptions,
): Connect {
  const { caCerts = [], caFiles, owner = "site", unverified, pins } = options;
  const { handshakeTimeout: timeout = 10_000 } = options;
  return async function connectThroughProxy(target, signal, exchangeId) {
    const place = target.place ?? target;
    const { conn, rest } = await open(signal);
    const { hostname, port, secure, alpnProtocols = ["http/1.1"] } = target;
    const stream = prefixedStream(rest, conn);
    if (!secure) return stream;
    const where = { hostname, port, alpnProtocols, timeout, signal };
    if (pins !== undefined) {
      return await startPinnedTls(stream, { ...where, pins });
    }
    if (unverified?.matches(hostname)) {
      const open = await startTlsOver(stream, { ...where, verify: false });
      unverified.onConnection(hostname, exchangeId);
      return open;
    }
    try {
      // Deno's own TLS is faster, and takes a socket from which nothing was read.
      return isTcp(conn) && rest.length === 0
        ? await startTlsClient(conn, { ...where, caCerts })
        : await startTlsOver(stream, { ...where, verify: true, caCerts });
    } catch (cause) {
      throw await explainCertificate(cause, {
        ...{ hostname, port, owner, caCerts, caFiles, signal },
        async open(until) {
          const again = await open(until);
          return prefixedStream(again.rest, again.conn);
        },
      });
    }

    async function open(
      until: AbortSignal,
    ): Promise<{ readonly conn: ByteStream; readonly rest: Uint8Array }> {
      const toProxy = connectToProxy(proxy, place, options);
      const conn = await toProxy(until, exchangeId);
      const rest = await openTunnel(conn, {
        ...{ proxy, target: place, via: target.via, signal: until },
        headers: options.connectHeaders ?? [],
        option: options.option,
        timeout: options.connectTimeout ?? 25_000,
      });
      return { conn, rest };
    }
  };
}

function isTcp(conn: ByteStream): conn is Deno.TcpConn {
  return "setNoDelay" in conn;
}

/** What is asked of a proxy. */
interface TunnelRequest extends NamedProxy {
  readonly target: Address;
  readonly via: string | undefined;
  readonly headers: readonly HeaderRule[];
}

/** Has the proxy behind `stream` connect to the target; gives what the target has said already. */
async function openTunnel(
  stream: ByteStream,
  { signal, timeout, ...asked }: TunnelRequest & {
    readonly signal: AbortSignal;
    readonly timeout: number;
  },
): Promise<Uint8Array> {
  using given = onAbort(signal, () => closeQuietly(stream));
  try {
    return await deadline(
      asked.proxy.protocol === "socks5"
        ? bySocks5(stream, asked)
        : byConnect(stream, asked),
      timeout,
    );
  } catch (cause) {
    closeQuietly(stream);
    if (given.aborted) {
      throw dialErrorOf(cause, formatAddress(asked.target), { signal });
    }
    throw tunnelFailure(cause, asked);
  }
}

/** Who failed, the proxy or what is behind it, and why. */
function tunnelFailure(cause: unknown, asked: TunnelRequest): unknown {
  if (cause instanceof UpstreamRefusal) return cause;
  const target = formatAddress(asked.target);
  if (cause instanceof SocksProxyError) {
    const { code, why, first } = cause;
    return upstreamError(code, asked, {
      ...{ target, cause, spoken: protocolOf(first) },
      detail: code === "credentials"
        ? `${why}: ${loginPlace(asked.option)}`
        : why,
    });
  }
  if (cause instanceof DialError) return cause;
  if (cause instanceof Http1Error) {
    return unreadableProxy(cause, asked, target);
  }
  if (isLate(cause)) return upstreamError("timedOut", asked, { target, cause });
  return upstreamError("failed", asked, { target, detail: CLOSED, cause });
}

async function bySocks5(
  stream: ByteStream,
  { target, proxy }: TunnelRequest,
): Promise<Uint8Array> {
  await connectBySocks5(stream, target, proxy.credentials);
  return new Uint8Array();
}

async function byConnect(
  stream: ByteStream,
  asked: TunnelRequest,
): Promise<Uint8Array> {
  const { proxy: { credentials }, via, headers } = asked;
  const authority = formatAddress(asked.target);
  const own = new Fields(["Host", authority]);
  if (credentials !== undefined) {
    own.append("Proxy-Authorization", formatBasicCredentials(credentials));
  }
  if (via !== undefined) own.append("Via", via);
  await writeRequestHeader(
    stream,
    { method: "CONNECT", target: authority },
    applyHeaderRules(own, headers),
  );
  const reader = new BufferedReader(stream);
  const head = await readFinalResponse(reader);
  if (head.status === 407) {
    throw upstreamError("credentials", asked, {
      target: authority,
      detail: loginFault(head.fields.getList("proxy-authenticate"), asked),
    });
  }
  if (head.status < 200 || head.status > 299) {
    throw await readRefusal(head, reader);
  }
  return reader.buffer.slice(reader.start, reader.end);
}

/** Reads past interim responses (RFC 9110 §15.2): nobody behind us waits for them. */
async function readFinalResponse(
  reader: BufferedReader,
): Promise<ParsedResponse> {
  for (let interim = 0; interim <= MAX_INTERIM; interim++) {
    const bytes = await readHeaderSection(reader);
    if (bytes === undefined) throw cutShort();
    const head = parseResponse(bytes);
    if (head.status >= 200 || head.status === 101) return head;
  }
  throw malformed(`over ${MAX_INTERIM} interim responses came first`);
}

function isLate(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === "TimeoutError";
}

function onAbort(
  signal: AbortSignal,
  action: () => void,
): Disposable & { readonly aborted: boolean } {
  signal.addEventListener("abort", action, { once: true });
  return {
    get aborted() {
      return signal.aborted;
    },
    [Symbol.dispose]: () => signal.removeEventListener("abort", action),
  };
}
