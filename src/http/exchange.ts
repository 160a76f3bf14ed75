/**
 * A request in, a response out: the only shape that the tunnel and the proxy
 * share.
 *
 * It is not the web's `Request`: that one refuses CONNECT, decodes bodies,
 * sorts and merges headers, and hides how a message was cut short. Here a body
 * is bytes as they were sent, and fields keep their order, case and repeats.
 */
import type { ByteReader, ByteStream } from "../net/stream/byte_stream.ts";
import type { Fields } from "./fields.ts";

/** The content of a message: read once, from front to back. */
export interface Body extends ByteReader {
  /** Length in bytes where the sender said it, else `undefined`. */
  readonly length: number | undefined;
  /** Fields after the content; known once `read` has returned `null`. */
  readonly trailers: Fields | undefined;
  /** Cancels the rest; the sender is notified as its protocol allows. */
  cancel(reason?: unknown): void;
}

interface RequestHead {
  /** As sent: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /** `host` or `host:port`; always with the port for `connect`. */
  readonly authority: string;
  /** Fields without those that describe the connection they came on. */
  readonly fields: Fields;
}

/** An ordinary request: GET, POST and all others. */
export interface PlainRequest extends RequestHead {
  readonly kind: "request";
  /** How the origin is to be reached. */
  readonly scheme: "http" | "https";
  /** Path and query, or `*`. */
  readonly path: string;
  /** Whether it was sent as if to the origin itself, not to a proxy (RFC 9112 §3.2.1 and §3.2.4), where the codec knows. */
  readonly isOriginForm?: boolean;
  /** `undefined` when the request has no content. */
  readonly body: Body | undefined;
}

/** A request to change the protocol on the connection (RFC 9110 §7.8): WebSockets and others. */
export interface UpgradeRequest extends RequestHead {
  readonly kind: "upgrade";
  readonly scheme: "http" | "https";
  readonly path: string;
  /** As with an ordinary request. */
  readonly isOriginForm?: boolean;
  /** The requested protocol, as in the Upgrade field: `websocket`. */
  readonly protocol: string;
}

/** A request for a blind connection to `authority` (RFC 9110 §9.3.6). */
export interface ConnectRequest extends RequestHead {
  readonly kind: "connect";
}

/** A request to a proxy; `kind` says which. */
export type ProxyRequest = PlainRequest | UpgradeRequest | ConnectRequest;

/** A response with a status and perhaps content. */
export interface PlainResponse {
  readonly kind: "response";
  /** 200 to 999; interim responses use `ExchangeContext.inform`. */
  readonly status: number;
  readonly fields: Fields;
  /** `undefined` when the response has no content. */
  readonly body: Body | undefined;
}

/** The response that turns an `upgrade` (101) or a `connect` (200) into a stream of bytes. */
export interface StreamResponse {
  readonly kind: "stream";
  readonly status: number;
  readonly fields: Fields;
  /** The far side; the receiver of the response pipes it and closes it. */
  readonly stream: ByteStream;
}

/** A response; `kind` says which. */
export type ProxyResponse = PlainResponse | StreamResponse;

/** Notified of what plugins do to an exchange, and of their names. The methods must not throw. */
export interface EditWatch {
  /** The request was changed, or answered locally. */
  requestEdited(
    editor: string,
    before: PlainRequest | UpgradeRequest,
    after: PlainRequest | UpgradeRequest | PlainResponse,
  ): void;
  /** The response was changed. */
  responseEdited(
    editor: string,
    before: PlainResponse,
    after: PlainResponse,
  ): void;
  /** A hook resolved a name, or sent a connection elsewhere. */
  redirected(editor: string, hook: string, from: string, to: string): void;
  /** A hook failed, or refused the connection. */
  stopped(editor: string, hook: string, reason: string): void;
}

/** The people and the test that an exchange belongs to. */
export interface Sender {
  /** The user whose credentials came with the request; `undefined` before it is authorized, and without credentials. */
  readonly user?: string | undefined;
  /** The test job that it belongs to. */
  readonly job?: string | undefined;
}

/** What surrounds one exchange. */
export interface ExchangeContext extends Sender {
  /** Short and unique in this process; stands on every log line of the exchange. */
  readonly id: string;
  /** Aborted when the client has left: stop working for it. */
  readonly signal: AbortSignal;
  /** The plugin that sends it itself: no plugin is asked about it. Default: a browser sends it. */
  readonly ofPlugin?: string;
  /** Notified of changes. Default: nothing is notified. */
  readonly edits?: EditWatch;
  /** Passes an interim response (1xx, not 101) on to the client. */
  inform(status: number, fields: Fields): void;
}

/** Handles requests. Throws only what its caller turns into an error page. */
export type Handler = (
  request: ProxyRequest,
  context: ExchangeContext,
) => Promise<ProxyResponse>;
