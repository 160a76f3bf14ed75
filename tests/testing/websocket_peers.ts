/**
 * WebSockets as programs have them: `ws` of npm as a site, which compresses
 * whatever a browser lets it, and as a browser on the proxy.
 *
 * @module
 */
import type { EventEmitter } from "node:events";
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { WebSocket as WsWebSocket, WebSocketServer } from "ws";
import type { BrowserProxy } from "./browser.ts";
import type { CertifiedKey } from "./certs.ts";
import { within } from "./deadline.ts";

/** What is used of a WebSocket of `ws`, which comes without types. */
export interface WsSocket extends EventEmitter {
  /** What both ends have agreed on. */
  readonly extensions: string;
  readonly protocol: string;
  send(data: string | Uint8Array, onSent?: () => void): void;
  ping(data: string): void;
  close(code: number, reason: string): void;
  pause(): void;
  resume(): void;
  terminate(): void;
}

/** What may be different from the defaults. */
export interface WsOptions {
  /** Default: everything is compressed, if the other end can. */
  readonly perMessageDeflate?: boolean | Readonly<Record<string, unknown>>;
  /** Of a browser's handshake. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Subprotocols that a browser offers. */
  readonly protocols?: readonly string[];
}

/** How a WebSocket has ended. */
export interface SocketEnding {
  readonly code: number;
  readonly reason: string;
}

/** One end of an open WebSocket. */
export class SocketPeer implements Disposable {
  readonly socket: WsSocket;
  readonly #events: string[] = [];
  readonly #ending = Promise.withResolvers<SocketEnding>();
  #next: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(socket: WsSocket) {
    this.socket = socket;
    socket.on("message", (data: Uint8Array, isBinary: boolean) => {
      this.#add(isBinary ? data.join() : String(data));
    });
    socket.on("ping", (data: Uint8Array) => this.#add(`ping ${data}`));
    socket.on("pong", (data: Uint8Array) => this.#add(`pong ${data}`));
    socket.on("error", () => {});
    socket.on("close", (code: number, reason: Uint8Array) => {
      this.#ending.resolve({ code, reason: String(reason) });
      this.#add(`closed ${code} ${reason}`);
    });
  }

  /** How it has ended. */
  get ended(): Promise<SocketEnding> {
    return within(this.#ending.promise, "the WebSocket to end");
  }

  /** Messages that have come and were not taken. */
  get waiting(): number {
    return this.#events.length;
  }

  /** The next message, `ping …`, `pong …` or `closed …`; bytes as `1,2,3`. */
  async next(): Promise<string> {
    while (this.#events.length === 0) {
      await within(this.#next.promise, "a message");
    }
    return this.#events.shift() ?? "";
  }

  /** Resolves when it was given to the network. */
  send(data: string | Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.socket.send(data, () => resolve());
    return promise;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }

  #add(event: string): void {
    this.#events.push(event);
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}

/** A site of WebSockets. */
export interface WebSocketSite extends AsyncDisposable {
  readonly port: number;
  /** The handshakes that it got, as `name: value` lines. */
  readonly handshakes: readonly string[];
  /** The next WebSocket that is opened. */
  accept(): Promise<SocketPeer>;
}

/** Starts a site. It sends nothing by itself. */
export async function startWebSocketSite(
  { tls, ...options }: WsOptions & { readonly tls?: CertifiedKey } = {},
): Promise<WebSocketSite> {
  const http = tls === undefined
    ? createServer(answerPage)
    : createTlsServer(tls, answerPage);
  const server = new WebSocketServer({
    server: http,
    perMessageDeflate: { threshold: 0 },
    ...options,
  });
  const handshakes: string[] = [];
  const opened: SocketPeer[] = [];
  const listening = Promise.withResolvers<void>();
  let next = Promise.withResolvers<void>();
  server.on("connection", (socket: WsSocket, request: IncomingMessage) => {
    handshakes.push(
      Object.entries(request.headers)
        .map(([name, value]) => `${name}: ${value}`).join("\n"),
    );
    opened.push(new SocketPeer(socket));
    next.resolve();
    next = Promise.withResolvers();
  });
  http.listen(0, "127.0.0.1", () => listening.resolve());
  await within(listening.promise, "the site to listen");
  const address = http.address();
  if (typeof address !== "object" || address === null) {
    throw new TypeError("The site has no address");
  }
  return {
    port: address.port,
    handshakes,
    async accept() {
      while (opened.length === 0) await within(next.promise, "a WebSocket");
      const peer = opened.shift();
      if (peer === undefined) throw new TypeError("It has gone");
      return peer;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close();
      http.close(() => resolve());
      await within(promise, "the site to stop");
    },
  };
}

/** For all requests but handshakes. */
function answerPage(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Content-Type", "text/html");
  response.end(`<!doctype html><link rel="icon" href="data:,">`);
}

/** Opens a WebSocket through a proxy, as a client of HTTP does: without CONNECT. */
export async function openWebSocket(
  url: string,
  { port, credentials = "" }: BrowserProxy,
  options: WsOptions = {},
): Promise<SocketPeer> {
  const { host } = new URL(url);
  const socket: WsSocket = new WsWebSocket(
    `ws://127.0.0.1:${port}/`,
    options.protocols ?? [],
    {
      perMessageDeflate: { threshold: 0 },
      ...options,
      headers: {
        ...options.headers,
        "Host": host,
        "Proxy-Authorization": `Basic ${btoa(credentials)}`,
      },
      finishRequest(request: ClientRequest) {
        request.path = url.replace(/^ws/, "http");
        request.end();
      },
    },
  );
  const peer = new SocketPeer(socket);
  const opened = Promise.withResolvers<void>();
  socket.on("open", () => opened.resolve());
  socket.on("error", (error: Error) => opened.reject(error));
  await within(opened.promise, "the WebSocket to open");
  return peer;
}
