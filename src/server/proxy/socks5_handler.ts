/**
 * SOCKS 5 on the port of the browsers, for what cannot speak to an HTTP proxy:
 * each connection is a CONNECT to the same tunnels, with the same credentials
 * and the same rules.
 *
 * @module
 */
import { timer } from "../../async/timer.ts";
import type {
  ConnectRequest,
  Handler,
  ProxyResponse,
} from "../../http/exchange.ts";
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
import type { ConnectionAuthorizer } from "./tunnel_handler.ts";

/** How connections are served. */
export interface Socks5Options {
  /** Carries out what is asked for. */
  readonly handler: Handler;
  /** Whether one may come in without a login. */
  readonly isOpen: boolean;
  /** Checks a login, as the value of Proxy-Authorization. */
  readonly check: ConnectionAuthorizer;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
}

/** How long a client may take to say what it wants, in milliseconds: as for the head of a request. */
const GREETING_TIMEOUT = 30_000;

const log = logger("proxy");
let lastId = 0;

/** Serves one connection and closes it. Never throws. */
export async function serveSocks5(
  stream: ByteStream,
  options: Socks5Options,
): Promise<void> {
  try {
    const request = await greet(stream, options);
    await carryOut(stream, request, options);
  } catch (cause) {
    log.debug("SOCKS connection failed", { cause: String(cause) });
  } finally {
    closeQuietly(stream);
  }
}

async function greet(
  stream: ByteStream,
  { isOpen, check, signal }: Socks5Options,
): Promise<SocksRequest> {
  const close = () => closeQuietly(stream);
  using _limit = timer(GREETING_TIMEOUT, close);
  signal.addEventListener("abort", close);
  try {
    return await acceptSocks5(stream, {
      needsLogin: !isOpen,
      admits: (login, gone) => isRight(login, (text) => check(text, gone)),
    });
  } finally {
    signal.removeEventListener("abort", close);
  }
}

async function isRight(
  login: SocksLogin,
  check: ConnectionAuthorizer,
): Promise<boolean> {
  try {
    await check(authorizationOf(login));
    return true;
  } catch (cause) {
    if (cause instanceof ProxyError) return false;
    throw cause;
  }
}

async function carryOut(
  stream: ByteStream,
  { target, login }: SocksRequest,
  { handler }: Socks5Options,
): Promise<void> {
  const authority = formatAddress(target);
  if (!isAuthority(authority)) return await answerSocks5(stream, Reply.FAILED);
  const fields = new Fields(
    login === undefined ? [] : ["Proxy-Authorization", authorizationOf(login)],
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

/** What the client of an HTTP proxy would have read on the error page, as near as one byte comes to it. */
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

function authorizationOf({ username, password }: SocksLogin): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${bytes.toBase64()}`;
}
