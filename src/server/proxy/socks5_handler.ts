// SOCKS 5 (RFC 1928) on the port for browsers. Each connection becomes a CONNECT to
// the same tunnels, with the same credentials and the same rules.
import { timer } from "../../async/timer.ts";
import type {
  ConnectRequest,
  Handler,
  ProxyResponse,
} from "../../http/exchange.ts";
import { formatBasicCredentials } from "../../http/basic_credentials.ts";
import { Fields } from "../../http/fields.ts";
import { isAuthority } from "../../http1/parse/request_target.ts";
import { logger } from "../../log/log.ts";
import { formatAddress } from "../../net/address/address.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { pipe } from "../../net/stream/pipe.ts";
import {
  acceptSocks5,
  answerSocks5,
  type SocksLogin,
  type SocksRequest,
} from "../../net/socks5/socks5_server.ts";
import { Reply, type ReplyCode } from "../../net/socks5/socks5_wire.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import type { ConnectionAuthorizer } from "./authorize.ts";

/** Options of {@linkcode serveSocks5}. */
export interface Socks5Options {
  /** Handles the CONNECT. */
  readonly handler: Handler;
  /** Whether a login is optional. */
  readonly allowAnonymous: boolean;
  /** Checks a login, given as the value of Proxy-Authorization. */
  readonly authorize: ConnectionAuthorizer;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
}

/** How long a browser may take for its SOCKS request, in milliseconds: as for the header section of an HTTP request. */
const NEGOTIATION_TIMEOUT = 30_000;

const log = logger("proxy");
let lastId = 0;

/** Serves one connection and closes it. Never throws. */
export async function serveSocks5(
  stream: ByteStream,
  options: Socks5Options,
): Promise<void> {
  try {
    const request = await negotiate(stream, options);
    await connect(stream, request, options);
  } catch (cause) {
    log.debug("SOCKS connection failed", { cause: String(cause) });
  } finally {
    closeQuietly(stream);
  }
}

async function negotiate(
  stream: ByteStream,
  { allowAnonymous, authorize, signal }: Socks5Options,
): Promise<SocksRequest> {
  const close = () => closeQuietly(stream);
  using _limit = timer(NEGOTIATION_TIMEOUT, close);
  signal.addEventListener("abort", close);
  try {
    return await acceptSocks5(stream, {
      needsLogin: !allowAnonymous,
      admits: (login, gone) =>
        isAuthorized(login, (text) => authorize(text, gone)),
    });
  } finally {
    signal.removeEventListener("abort", close);
  }
}

async function isAuthorized(
  login: SocksLogin,
  authorize: ConnectionAuthorizer,
): Promise<boolean> {
  try {
    await authorize(formatBasicCredentials(login));
    return true;
  } catch (cause) {
    if (cause instanceof ProxyError) return false;
    throw cause;
  }
}

async function connect(
  stream: ByteStream,
  { target, login }: SocksRequest,
  { handler }: Socks5Options,
): Promise<void> {
  const authority = formatAddress(target);
  if (!isAuthority(authority)) return await answerSocks5(stream, Reply.FAILED);
  const fields = new Fields(
    login === undefined
      ? []
      : ["Proxy-Authorization", formatBasicCredentials(login)],
  );
  const request: ConnectRequest = {
    kind: "connect",
    method: "CONNECT",
    authority,
    fields,
  };
  const gone = new AbortController();
  const response = await handler(request, {
    id: `s${(++lastId).toString(36)}`,
    signal: gone.signal,
    inform() {},
  });
  try {
    await answerSocks5(stream, replyTo(response));
    if (response.kind === "stream") await pipe(stream, response.stream);
  } catch (cause) {
    gone.abort(cause);
    throw cause;
  } finally {
    if (response.kind === "stream") closeQuietly(response.stream);
    else response.body?.cancel();
  }
}

/** The SOCKS reply nearest to the error page of an HTTP proxy. */
function replyTo(response: ProxyResponse): ReplyCode {
  if (response.kind === "stream") return Reply.SUCCEEDED;
  const [reason = ""] = response.fields.get("x-sallyport-error")?.split(" ") ??
    [];
  switch (response.status) {
    case 403:
    case 407:
    case 451:
      return Reply.NOT_ALLOWED;
    case 503:
      return Reply.NETWORK_UNREACHABLE;
    case 504:
      return Reply.TIMED_OUT;
    default:
      return REPLIES.get(reason) ?? Reply.FAILED;
  }
}

const REPLIES: ReadonlyMap<string, ReplyCode> = new Map<string, ReplyCode>([
  ["name_not_found", Reply.HOST_UNREACHABLE],
  ["dns_failed", Reply.HOST_UNREACHABLE],
  ["net_dial", Reply.REFUSED],
]);
