/**
 * Browsers send `CONNECT` for `ws:` URLs, too, so that the handshake is inside.
 * Where a plugin sees the messages of that host, the client looks for it there.
 * All other bytes pass as ever.
 */
import type {
  ConnectRequest,
  ExchangeContext,
  Handler,
  ProxyRequest,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import { serveHttp1 } from "../../http1/server/serve.ts";
import { logger } from "../../log/log.ts";
import {
  type Address,
  canonicalName,
  parseAddress,
} from "../../net/address/address.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { peek } from "../../net/stream/peek.ts";
import { pipe } from "../../net/stream/pipe.ts";
import { streamPair } from "../../net/stream/stream_pair.ts";
import type { Plugins } from "../../plugin/host/plugins.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";

/** The first byte of `GET`: every handshake of a WebSocket has it (RFC 6455 §4.1). */
const GET = 0x47;

/** TLS: what is inside stays inside. */
const HTTPS_PORT = 443;

/**
 * In milliseconds. Browsers send the handshake at once. Where the site speaks
 * first (mail), none follows.
 */
const FIRST_BYTE_TIMEOUT = 3_000;

const log = logger("plugin");

/** What is needed besides the handler. */
export interface OpenConnectsOptions {
  readonly plugins: Pick<Plugins, "wantsMessages"> | undefined;
  /** Makes an error page of what a handler throws. */
  readonly respondToErrors: (handler: Handler) => Handler;
  readonly firstByteTimeout?: number;
}

/** `handler`, which also gets the WebSocket handshakes inside a CONNECT. Neither throws. */
export function openConnects(
  handler: Handler,
  options: OpenConnectsOptions,
): Handler {
  const { plugins } = options;
  if (plugins === undefined) return handler;
  const misdirected = options.respondToErrors(({ authority }) => {
    throw new ProxyError("misdirected", authority);
  });
  return async function openingConnects(request, context) {
    if (request.kind !== "connect" || !isWanted(request, context, plugins)) {
      return await handler(request, context);
    }
    const [stream, ours] = streamPair();
    void serve(ours, { request, context, handler, misdirected, options });
    return { kind: "stream", status: 200, fields: new Fields(), stream };
  };
}

function isWanted(
  { authority }: ConnectRequest,
  { job }: ExchangeContext,
  plugins: Pick<Plugins, "wantsMessages">,
): boolean {
  const target = addressOf(authority);
  return target !== undefined && target.port !== HTTPS_PORT &&
    plugins.wantsMessages(target.hostname, job);
}

interface OpenedConnect {
  readonly request: ConnectRequest;
  readonly context: ExchangeContext;
  readonly handler: Handler;
  readonly misdirected: Handler;
  readonly options: OpenConnectsOptions;
}

async function serve(conn: ByteStream, opened: OpenedConnect): Promise<void> {
  const { request, context, handler, options } = opened;
  const { firstByteTimeout = FIRST_BYTE_TIMEOUT } = options;
  try {
    const { first, stream } = await peek(conn, firstByteTimeout);
    if (first === "end") return;
    if (first === GET) return await serveInside(stream, opened);
    const response = await handler(request, context);
    if (response.kind === "stream") await pipe(stream, response.stream);
    // The 200 was sent already: all that is left is to close.
    else response.body?.cancel();
  } catch (cause) {
    log.info("cannot open a CONNECT", {
      id: context.id,
      host: request.authority,
      cause: String(cause),
    });
  } finally {
    closeQuietly(conn);
  }
}

async function serveInside(
  stream: ByteStream,
  { request: connect, context, handler, misdirected }: OpenedConnect,
): Promise<void> {
  const { id, user, job, signal } = context;
  let exchanges = 0;
  await serveHttp1(
    stream,
    (request, inside) => {
      // The field is for a proxy, not for the site.
      request.fields.delete("proxy-authorization");
      const next = isFor(connect, request) ? handler : misdirected;
      return next(request, { ...inside, user, job });
    },
    { signal, exchangeId: () => `${id}.${++exchanges}` },
  );
}

/** The server has applied its rules to the host of the CONNECT: no other host may follow. */
function isFor(connect: ConnectRequest, request: ProxyRequest): boolean {
  if (request.kind === "connect" || request.scheme !== "http") return false;
  const own = addressOf(connect.authority);
  const other = addressOf(request.authority, 80);
  return own !== undefined && other?.port === own.port &&
    canonicalName(other.hostname) === canonicalName(own.hostname);
}

/** `undefined` when it is not an authority: the handler says so. */
function addressOf(
  authority: string,
  defaultPort?: number,
): Address | undefined {
  try {
    return parseAddress(authority, defaultPort);
  } catch {
    return undefined;
  }
}
