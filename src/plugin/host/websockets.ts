/*
 * WebSockets whose messages plugins see. All others pass as bytes, and do not
 * come here.
 */
import type {
  PlainResponse,
  ProxyResponse,
  StreamResponse,
} from "../../http/exchange.ts";
import { abortable } from "../../async/abortable.ts";
import { Fields } from "../../http/fields.ts";
import { asOriginError, malformed } from "../../http1/errors.ts";
import { logger } from "../../log/log.ts";
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import { streamPair } from "../../net/stream/stream_pair.ts";
import { WebSocketError } from "../../websocket/errors.ts";
import {
  agreedDeflate,
  type DeflateAgreement,
  keepKnownOffers,
} from "../../websocket/extensions.ts";
import { acceptOf } from "../../websocket/handshake.ts";
import {
  decodeText,
  type WebSocketMessage,
} from "../../websocket/messages/message.ts";
import { MessageBudget } from "../../websocket/messages/message_room.ts";
import { relayMessages } from "../../websocket/relay.ts";
import { silentSite } from "../../websocket/silent_site.ts";
import { PluginError } from "../api/errors.ts";
import type { ReadableRequest } from "../results/change_request.ts";
import { readUpTo } from "../results/content.ts";
import type { Socket } from "./exchange_chain.ts";
import { editMessages } from "./message_chain.ts";
import type { PluginObserver } from "./plugin_metrics.ts";

const log = logger("plugin");

/** Bytes of the message that a mock begins with: what a hook reads by default. */
const MAX_FIRST_MESSAGE = 1024 * 1024;
/** Types of content that make a text; all others make bytes. */
const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?json\b)/i;

/** A WebSocket that plugins see. */
export interface SocketUse {
  readonly socket: Socket;
  /** Keeps the plugins running, and what they know, until it is disposed. */
  readonly hold: () => Disposable;
}

interface RelayParts extends SocketUse {
  readonly deflate: DeflateAgreement | undefined;
}

/** The WebSockets of one client. */
export class WebSockets {
  readonly #budget = new MessageBudget();
  readonly #metrics: PluginObserver | undefined;

  constructor(metrics?: PluginObserver) {
    this.#metrics = metrics;
  }

  /** A handshake that offers only what we can read. */
  offer(
    request: ReadableRequest | PlainResponse,
  ): ReadableRequest | PlainResponse {
    if (request.kind !== "upgrade") return request;
    const fields = request.fields.clone();
    keepKnownOffers(fields);
    return { ...request, fields };
  }

  /**
   * The WebSocket that begins with `response`: one of its site, or one that a
   * plugin opens without a site, by a response with status 2xx. The content of
   * that response is its first message.
   *
   * @returns `undefined` when none begins.
   * @throws {Http1Error} When the site has agreed on something else than was offered.
   * @throws {PluginError} `badResult` when the first message is too large, or not a text.
   */
  async opened(
    response: ProxyResponse,
    { request, isOfPlugin, signal }: {
      readonly request: ReadableRequest;
      readonly isOfPlugin: boolean;
      /** Aborted when the browser has left. */
      readonly signal: AbortSignal;
    },
    { socket, hold }: SocketUse,
  ): Promise<StreamResponse | undefined> {
    if (response.kind === "stream") {
      const deflate = agreementOf(response);
      const stream = this.#relay(response.stream, { socket, hold, deflate });
      return { ...response, stream };
    }
    const isSuccess = response.status >= 200 && response.status < 300;
    if (!isOfPlugin || !isSuccess) return undefined;
    const first = await firstMessageOf(response, socket, signal);
    const site = silentSite(this.#budget, first);
    const stream = this.#relay(site, { socket, hold, deflate: undefined });
    const fields = acceptance(request.fields, response.fields);
    return { kind: "stream", status: 101, fields, stream };
  }

  #relay(site: ByteStream, parts: RelayParts): ByteStream {
    const [ours, theirs] = streamPair();
    void this.#run(ours, site, parts);
    return theirs;
  }

  async #run(
    browser: ByteStream,
    site: ByteStream,
    { socket, hold, deflate }: RelayParts,
  ): Promise<void> {
    using _held = hold();
    await relayMessages(browser, site, {
      deflate,
      budget: this.#budget,
      edit: editMessages(socket),
      onClose: (reason, from) => this.#onClose(reason, from, socket),
    });
  }

  #onClose(
    { code, message }: WebSocketError,
    from: string,
    { subject: { id, original } }: Socket,
  ): void {
    this.#metrics?.countSocketClosed(code);
    const host = original && new URL(original.url).host;
    log.warn("WebSocket closed", { id, host, from, code, reason: message });
  }
}

/** Whether a request asks for a WebSocket. */
export function isWebSocket(request: ReadableRequest): boolean {
  return request.kind === "upgrade" &&
    request.protocol.toLowerCase() === "websocket";
}

/** The content of a response that opens a WebSocket. */
async function firstMessageOf(
  { body, fields }: PlainResponse,
  socket: Socket,
  signal: AbortSignal,
): Promise<WebSocketMessage | undefined> {
  if (body === undefined) return undefined;
  const reading = readUpTo(body, MAX_FIRST_MESSAGE, {
    reserve: () => Promise.resolve(),
    keep() {},
    onFailure() {},
  });
  // Content without an end is waited for as long as the browser waits.
  const { bytes, isWhole } = await abortable(reading, signal)
    .catch((thrown: unknown) => {
      body.cancel();
      throw thrown;
    });
  if (!isWhole) {
    body.cancel();
    throw notOpened(`has more than ${MAX_FIRST_MESSAGE} bytes`, socket);
  }
  if (bytes.length === 0) return undefined;
  const isText = TEXT.test(fields.get("content-type") ?? "");
  const data = isText ? decodeText(bytes) : bytes;
  if (data === undefined) throw notOpened("is text, and not UTF-8", socket);
  return { kind: "message", data, isCompressed: false };
}

/** Writes the only ERROR line. */
function notOpened(
  why: string,
  { subject: { id, original } }: Socket,
): PluginError {
  const message = "Cannot open a WebSocket without a site: the content of " +
    `the response, which is its first message, ${why}`;
  log.error("WebSocket not opened", {
    ...{ id, host: original && new URL(original.url).host },
    error: message,
  });
  return new PluginError("badResult", message, { plugin: "" });
}

/** Fields that only a response with content has, and those that we set. */
const NOT_ACCEPTED = /^(?:content-.*|sec-websocket-(?:accept|extensions))$/i;

/** The fields of a handshake's response (RFC 6455 §4.2.2). */
function acceptance(request: Fields, answer: Fields): Fields {
  const kept = [...answer].filter(([name]) => !NOT_ACCEPTED.test(name));
  const fields = new Fields(kept.flat());
  const key = request.get("sec-websocket-key");
  if (key !== undefined) fields.set("Sec-WebSocket-Accept", acceptOf(key));
  return fields;
}

/** The connection to a site that has not understood the handshake is closed. */
function agreementOf(
  { fields, stream }: StreamResponse,
): DeflateAgreement | undefined {
  try {
    return agreedDeflate(fields);
  } catch (thrown) {
    closeQuietly(stream);
    if (!(thrown instanceof WebSocketError)) throw thrown;
    throw asOriginError(malformed(thrown.message));
  }
}
