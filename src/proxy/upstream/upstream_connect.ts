/**
 * From a host name to a connection through an upstream proxy: by CONNECT
 * (RFC 9110 §9.3.6) or SOCKS 5, and TLS with the site inside it.
 */
import { deadline } from "../../async/timer.ts";
import { formatBasicCredentials } from "../../http/basic_credentials.ts";
import { Fields } from "../../http/fields.ts";
import { applyHeaderRules, type HeaderRule } from "../../http/header_rules.ts";
import { BufferedReader } from "../../http1/parse/buffered_reader.ts";
import {
  type ParsedResponse,
  parseResponse,
} from "../../http1/parse/header_parser.ts";
import { readHeaderSection } from "../../http1/parse/header_reader.ts";
import { writeRequestHeader } from "../../http1/write/header_writer.ts";
import { type Address, formatAddress } from "../../net/address/address.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import type { Connect, UnverifiedHosts } from "../../net/dial/connect.ts";
import type { Dial } from "../../net/dial/dial.ts";
import { DialError } from "../../net/dial_error.ts";
import { prefixedStream } from "../../net/stream/prefixed_stream.ts";
import { connectBySocks5 } from "../../net/socks5/socks5_client.ts";
import { startTlsClient } from "../../net/tls/start_tls_client.ts";
import { startTlsOver } from "../../net/tls/start_tls_over.ts";
import type {
  UpstreamCredentials,
  UpstreamProxy,
} from "../../net/address/upstream_proxy.ts";
import { readRefusal, UpstreamRefusal } from "./upstream_refusal.ts";

/** How an upstream proxy is used. */
export interface UpstreamConnectOptions {
  /** Makes the TCP connection to the proxy. */
  readonly dial: Dial;
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** How long a handshake may take, the proxy's or the site's, in milliseconds. */
  readonly handshakeTimeout?: number;
  /** How long the proxy may take to connect to a site, in milliseconds; 0 means no limit. Default 25 s. */
  readonly connectTimeout?: number;
  /** Sites whose certificate is not verified; the proxy's always is. */
  readonly unverified?: UnverifiedHosts | undefined;
  /** What is changed about the header of CONNECT. Default: nothing. */
  readonly connectHeaders?: readonly HeaderRule[];
  /** Where a connection to a site is to lead instead. Default: to the site. */
  readonly redirect?:
    | ((
      target: Address,
      signal: AbortSignal,
      exchangeId?: string,
    ) => Promise<Address>)
    | undefined;
}

/** Interim responses before the one to CONNECT; more are an attack. */
const MAX_INTERIM = 64;

/** Opens a connection to the proxy itself, for requests in absolute form. */
export function connectToProxy(
  { hostname, port, protocol }: UpstreamProxy,
  { dial, caCerts = [], handshakeTimeout: timeout = 10_000 }:
    UpstreamConnectOptions,
): (signal: AbortSignal, exchangeId?: string) => Promise<ByteStream> {
  return async function connectToThisProxy(signal, exchangeId) {
    const conn = await dial({ hostname, port }, signal, exchangeId);
    if (protocol !== "https") return conn;
    return await startTlsClient(conn, {
      ...{ hostname, port, caCerts, timeout, signal },
    });
  };
}

/** A `Connect` whose connections go through `proxy`. It throws `UpstreamRefusal` too. */
export function connectThrough(
  proxy: UpstreamProxy,
  options: UpstreamConnectOptions,
): Connect {
  const { caCerts = [], handshakeTimeout: timeout = 10_000, unverified } =
    options;
  const { redirect = (target: Address) => Promise.resolve(target) } = options;
  const toProxy = connectToProxy(proxy, options);
  return async function connectThroughProxy(target, signal, exchangeId) {
    const place = await redirect(target, signal, exchangeId);
    const conn = await toProxy(signal, exchangeId);
    const rest = await openTunnel(conn, {
      ...{ proxy, target: place, via: target.via, signal },
      headers: options.connectHeaders ?? [],
      timeout: options.connectTimeout ?? 25_000,
    });
    const { hostname, port, secure, alpnProtocols = ["http/1.1"] } = target;
    const stream = prefixedStream(rest, conn);
    if (!secure) return stream;
    const where = { hostname, port, alpnProtocols, timeout, signal };
    if (unverified?.matches(hostname)) {
      const open = await startTlsOver(stream, { ...where, verify: false });
      unverified.onConnection(hostname, exchangeId);
      return open;
    }
    // Deno's own TLS is faster, and takes a socket from which nothing was read.
    return isTcp(conn) && rest.length === 0
      ? await startTlsClient(conn, { ...where, caCerts })
      : await startTlsOver(stream, { ...where, verify: true, caCerts });
  };
}

function isTcp(conn: ByteStream): conn is Deno.TcpConn {
  return "setNoDelay" in conn;
}

/** Has the proxy behind `stream` connect to the target; gives what the target has said already. */
async function openTunnel(
  stream: ByteStream,
  { proxy, target, via, signal, headers, timeout }: {
    readonly proxy: UpstreamProxy;
    readonly target: Address;
    readonly via: string | undefined;
    readonly signal: AbortSignal;
    readonly headers: readonly HeaderRule[];
    readonly timeout: number;
  },
): Promise<Uint8Array> {
  using given = onAbort(signal, () => closeQuietly(stream));
  try {
    return await deadline(
      proxy.protocol === "socks5"
        ? bySocks5(stream, target, proxy.credentials)
        : byConnect(stream, target, { ...proxy, via, headers }),
      timeout,
    );
  } catch (cause) {
    closeQuietly(stream);
    if (cause instanceof DialError || cause instanceof UpstreamRefusal) {
      throw cause;
    }
    const code = given.aborted
      ? "aborted"
      : isLate(cause)
      ? "timedOut"
      : "failed";
    throw new DialError(
      code,
      `Cannot connect to "${
        formatAddress(target)
      }" through the upstream proxy "${formatAddress(proxy)}": ${
        cause instanceof Error ? cause.message : cause
      }`,
      { cause },
    );
  }
}

async function bySocks5(
  stream: ByteStream,
  target: Address,
  credentials: UpstreamCredentials | undefined,
): Promise<Uint8Array> {
  await connectBySocks5(stream, target, credentials);
  return new Uint8Array();
}

async function byConnect(
  stream: ByteStream,
  target: Address,
  { credentials, via, headers }: {
    readonly credentials: UpstreamCredentials | undefined;
    readonly via: string | undefined;
    readonly headers: readonly HeaderRule[];
  },
): Promise<Uint8Array> {
  const authority = formatAddress(target);
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
    if (bytes === undefined) throw new Error("it closed the connection");
    const head = parseResponse(bytes);
    if (head.status >= 200 || head.status === 101) return head;
  }
  throw new Error(`over ${MAX_INTERIM} interim responses came first`);
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
