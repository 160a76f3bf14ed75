/** WebSockets of plugin tests: both ends are in the test. */
import { Fields } from "../../http/fields.ts";
import type {
  Handler,
  ProxyResponse,
  UpgradeRequest,
} from "../../http/exchange.ts";
import type { ByteStream } from "../../net/stream/byte_stream.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";
import { streamPair } from "../../net/stream/stream_pair.ts";
import type { SocketData } from "../../plugin/api/socket_message.ts";
import { CloseCode } from "../../websocket/errors.ts";
import { acceptOf } from "../../websocket/handshake.ts";
import {
  closingPayload,
  parseClosing,
} from "../../websocket/messages/message.ts";
import { MessageReader } from "../../websocket/messages/message_reader.ts";
import {
  MessageBudget,
  MessageRoom,
} from "../../websocket/messages/message_room.ts";
import { MessageWriter } from "../../websocket/messages/message_writer.ts";

/** How a WebSocket was closed. */
export interface TestSocketClosing {
  /** 1005 when the close frame has none, 1006 when there was no close frame. */
  readonly code: number;
  /** Why, in the words of the one that closed it. */
  readonly reason: string;
}

/** One end of a WebSocket in a test. */
export interface TestSocketEnd {
  /** Sends a message to the other end, by the plugin. Resolves when it has left. */
  send(data: SocketData): Promise<void>;
  /** The next message that has arrived here, in order; `undefined` once the WebSocket is closed. One caller at a time. */
  next(): Promise<SocketData | undefined>;
  /** Closes the WebSocket. Default 1000. */
  close(code?: number, reason?: string): Promise<void>;
  /** Resolves when the WebSocket is closed, by either end or by the plugin. Never rejects. */
  readonly closed: Promise<TestSocketClosing>;
}

/** A WebSocket whose messages pass the plugin. Disposing it cuts both connections. */
export interface TestWebSocket extends AsyncDisposable {
  /** The end of the browser. */
  readonly browser: TestSocketEnd;
  /** `undefined` when the plugin has opened the WebSocket without a site. */
  readonly site: TestSocketEnd | undefined;
}

/** What a handshake may have. */
export interface TestWebSocketOptions {
  /** Fields of the request that opens it. */
  readonly headers?: HeadersInit;
  /** Subprotocols. The site of a test takes the first one. */
  readonly protocols?: readonly string[];
}

/** The exchange of a handshake. */
interface Exchange {
  readonly id: string;
}

/** Sites that take every WebSocket, and the ends of those that they have taken. */
export class TestSocketSites {
  readonly #opened = new Map<string, ByteStream>();

  /** Opens the WebSocket; `id` is that of its exchange. */
  readonly handler: Handler = (request, { id }) => {
    const [own, far] = streamPair();
    this.#opened.set(id, own);
    const key = request.fields.get("sec-websocket-key") ?? "";
    const [protocol] = request.fields.getList("sec-websocket-protocol")
      ?.split(/\s*,\s*/) ?? [];
    const fields = new Fields([
      ...["Upgrade", "websocket", "Sec-WebSocket-Accept", acceptOf(key)],
      ...protocol === undefined ? [] : ["Sec-WebSocket-Protocol", protocol],
    ]);
    return Promise.resolve({
      ...{ kind: "stream", status: 101, fields, stream: far },
    });
  };

  /** The end of the site, if it was asked. The caller closes it. */
  take({ id }: Exchange): ByteStream | undefined {
    const own = this.#opened.get(id);
    this.#opened.delete(id);
    return own;
  }

  /** Closes the end of the site if nobody has taken it. */
  forget(exchange: Exchange): void {
    const own = this.take(exchange);
    if (own !== undefined) closeQuietly(own);
  }
}

/** The handshake of a WebSocket. @throws {TypeError} When `url` is not `ws:` or `wss:`. */
export function handshakeFor(
  url: string | URL,
  { headers, protocols = [] }: TestWebSocketOptions,
): UpgradeRequest {
  const { protocol, host, pathname, search } = new URL(url);
  if (protocol !== "ws:" && protocol !== "wss:") {
    throw new TypeError(
      `Cannot open a WebSocket to "${url}": expected ws:// or wss://`,
    );
  }
  const list = protocols.join(", ");
  return {
    kind: "upgrade",
    method: "GET",
    scheme: protocol === "wss:" ? "https" : "http",
    authority: host,
    path: pathname + search,
    protocol: "websocket",
    fields: new Fields([
      ...["Host", host, ...[...new Headers(headers)].flat()],
      ...["Sec-WebSocket-Version", "13"],
      ...["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
      ...list === "" ? [] : ["Sec-WebSocket-Protocol", list],
    ]),
  };
}

/**
 * Both ends of what a handshake has opened.
 *
 * @throws {TypeError} When it has opened nothing.
 */
export function openedSocket(
  response: ProxyResponse,
  sites: TestSocketSites,
  exchange: Exchange,
): TestWebSocket {
  if (response.kind !== "stream") {
    response.body?.cancel();
    throw new TypeError(
      `The WebSocket was not opened: the response has status ${response.status}`,
    );
  }
  const site = sites.take(exchange);
  const browser = new SocketEnd(response.stream, { isBrowser: true });
  return {
    browser,
    site: site && new SocketEnd(site, { isBrowser: false }),
    [Symbol.asyncDispose]() {
      closeQuietly(response.stream);
      if (site !== undefined) closeQuietly(site);
      return Promise.resolve();
    },
  };
}

/** Code of a close frame without one, and of a connection that ended without a close frame (RFC 6455 §7.4.1). */
const NO_CODE = 1005;
const CUT: TestSocketClosing = { code: 1006, reason: "" };

/** Messages that wait for {@linkcode TestSocketEnd.next}. Then the sender waits, as in a browser that does not read. */
const MAX_WAITING = 1_000;

class SocketEnd implements TestSocketEnd {
  readonly closed: Promise<TestSocketClosing>;
  readonly #stream: ByteStream;
  readonly #room = new MessageRoom(new MessageBudget());
  readonly #reader: MessageReader;
  readonly #writer: MessageWriter;
  readonly #messages: SocketData[] = [];
  #changed = Promise.withResolvers<void>();
  #isCloseSent = false;
  #hasEnded = false;

  constructor(stream: ByteStream, { isBrowser }: { isBrowser: boolean }) {
    const deflate = undefined;
    this.#stream = stream;
    this.#reader = new MessageReader(stream, {
      ...{ isMasked: !isBrowser, deflate, room: this.#room },
    });
    this.#writer = new MessageWriter(stream, { isMasked: isBrowser, deflate });
    this.closed = this.#readAll();
  }

  async send(data: SocketData): Promise<void> {
    await this.#writer.write([{ kind: "message", data, isCompressed: false }]);
  }

  async next(): Promise<SocketData | undefined> {
    while (this.#messages.length === 0 && !this.#hasEnded) {
      await this.#changed.promise;
    }
    const data = this.#messages.shift();
    this.#wake();
    return data;
  }

  async close(code: number = CloseCode.normal, reason = ""): Promise<void> {
    await this.#sendClose(closingPayload(code, reason));
  }

  async #readAll(): Promise<TestSocketClosing> {
    try {
      const payload = await this.#readMessages();
      if (payload === undefined) return CUT;
      const { code = NO_CODE, reason } = parseClosing(payload);
      await this.#sendClose(payload);
      return { code, reason };
    } catch {
      return CUT;
    } finally {
      this.#hasEnded = true;
      this.#wake();
      closeQuietly(this.#stream);
    }
  }

  /** Gives the payload of the close frame, if there is one. */
  async #readMessages(): Promise<Uint8Array | undefined> {
    for (;;) {
      const item = await this.#reader.next();
      this.#room.clear();
      if (item === undefined) return undefined;
      if (item.kind === "close") return item.payload;
      if (item.kind === "ping") {
        await this.#writer.write([{ kind: "pong", payload: item.payload }]);
      }
      if (item.kind !== "message") continue;
      this.#messages.push(item.data);
      this.#wake();
      while (this.#messages.length >= MAX_WAITING) await this.#changed.promise;
    }
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  async #sendClose(payload: Uint8Array): Promise<void> {
    if (this.#isCloseSent) return;
    this.#isCloseSent = true;
    await this.#writer.write([{ kind: "close", payload }]);
    await this.#stream.closeWrite();
  }
}
